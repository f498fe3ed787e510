/** Remembers the sockets of emitted connections by flow, so that a repeated recording does not report them again. */
export interface DoneFlows {
  readonly add: (flow: string, identities: readonly string[]) => void;
  /** Returns the sockets of an emitted connection; undefined if none had this flow, or long ago. */
  readonly get: (flow: string) => readonly string[] | undefined;
}

/** @param limit number of flows that are remembered; between this and half of it */
export function createDoneFlows(limit: number): DoneFlows {
  // two generations: finding the oldest key of a Map takes long after many deletions
  let young = new Map<string, readonly string[]>();
  let old = young;
  return {
    add(flow, identities) {
      young.set(flow, identities);
      if (young.size < limit / 2) return;
      old = young;
      young = new Map();
    },
    get: (flow) => young.get(flow) ?? old.get(flow),
  };
}
