/** Names of addresses, by DNS and hosts(5), looked up while events wait for a bounded time. */
import {Resolver} from 'node:dns/promises';

const MAX_KNOWN = 16_384;
const MAX_PENDING = 256;
const MAX_NAME_LENGTH = 255;
/** After that, an address without a name is asked for again. */
const RETRY_MS = 60_000;

export interface Hosts {
  /** As far as it is known by now. */
  readonly nameOf: (address: string) => string | undefined;
  /** Asks for those that are not known, and waits for the answers, so many milliseconds at most. */
  readonly settle: (addresses: ReadonlySet<string>, budgetMs: number) => Promise<void>;
  /** Gives up what is still asked for. */
  readonly close: () => void;
}

export function createHosts(
  resolver: Pick<Resolver, 'reverse' | 'cancel'> = new Resolver({timeout: 2000, tries: 2}),
): Hosts {
  const known = new Map<string, {readonly name: string | undefined; readonly until: number}>();
  const pending = new Map<string, Promise<void>>();

  async function ask(address: string): Promise<void> {
    const [name] = await resolver.reverse(address).catch((): string[] => []);
    const isName = name !== undefined && name !== '' && name.length <= MAX_NAME_LENGTH;
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(address, {
      name: isName ? name : undefined,
      until: isName ? Infinity : performance.now() + RETRY_MS,
    });
    pending.delete(address);
  }

  function isKnown(address: string): boolean {
    const found = known.get(address);
    return found !== undefined && performance.now() < found.until;
  }

  return {
    nameOf: (address) => known.get(address)?.name,
    async settle(addresses, budgetMs) {
      for (const address of addresses)
        if (!isKnown(address) && !pending.has(address) && pending.size < MAX_PENDING)
          pending.set(address, ask(address));
      const waited = [...addresses].flatMap((address) => pending.get(address) ?? []);
      if (waited.length === 0 || budgetMs <= 0) return;
      let timer: NodeJS.Timeout | undefined;
      const isLate = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, budgetMs);
      });
      await Promise.race([Promise.all(waited), isLate]);
      clearTimeout(timer);
    },
    close() {
      resolver.cancel();
    },
  };
}
