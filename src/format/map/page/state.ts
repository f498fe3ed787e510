/** The data of the page. Every text is escaped; numbers are in the units that their names say. */
import type {Spread} from '../../../aggregate/map/edge.js';

export interface PageGroups {
  readonly pod?: string | undefined;
  readonly container?: string | undefined;
  readonly host?: string | undefined;
}

export interface PageNode {
  readonly id: number;
  readonly label: string;
  /** `remote` is a peer outside of the recorded hosts. */
  readonly kind: 'own' | 'remote';
  readonly groups: PageGroups;
  readonly listening: readonly string[];
}

export interface PageConnection {
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly from: string;
  readonly to: string;
  /** `open`, `closed`, or the name of an errno. */
  readonly outcome: string;
  readonly durationUs?: number | undefined;
  readonly txBytes?: number | undefined;
  readonly rxBytes?: number | undefined;
}

export interface PageEdge {
  readonly id: string;
  /** Ids of nodes. */
  readonly from: number;
  readonly to: number;
  readonly ports: readonly number[];
  readonly connections: number;
  readonly open: number;
  readonly fails: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly txBytes?: number | undefined;
  readonly rxBytes?: number | undefined;
  readonly latencyUs?: Spread | undefined;
  readonly rttUs?: Spread | undefined;
  readonly first: string;
  readonly last: string;
  /** Periods with connections: first and last of each run. */
  readonly runs: readonly (readonly [first: number, last: number])[];
  /** Period since which connections are open. */
  readonly openSince?: number | undefined;
  /** The latest one first. */
  readonly recent: readonly PageConnection[];
}

/** Periods are numbered from 1970. */
export interface PageTimeline {
  readonly periodUs: number;
  readonly first: number;
  readonly last: number;
}

export interface PageHead {
  /** Grouping of processes to nodes. */
  readonly by: string;
  /** Lost events. */
  readonly lost: number;
  readonly timeline?: PageTimeline | undefined;
}

export interface PageState extends PageHead {
  readonly nodes: readonly PageNode[];
  readonly edges: readonly PageEdge[];
}

/** New and changed items since the last state or change. */
export interface PageChange extends PageState {
  /** Ids of edges that are no longer valid. */
  readonly gone: readonly string[];
}
