/** The fields of `tcptrace compare --json` that tests read. */

interface WayFields {
  readonly name: string;
  readonly seen: number;
  readonly missed: number;
  readonly missed_short: number;
  readonly pid: {readonly wrong: number; readonly missing: number};
  readonly netns: {readonly wrong: number; readonly missing: number};
  readonly delay_us?: {readonly median: number; readonly p95: number; readonly max: number};
  readonly cpu_ms: number;
  readonly peak_rss_bytes: number;
  readonly lost?: number;
}

export interface ReportFields {
  readonly connections: number;
  readonly apart: {readonly began_before: number; readonly ended_after: number};
  readonly ways: readonly WayFields[];
  readonly pairs: readonly {
    readonly both: number;
    readonly only_first: number;
    readonly only_second: number;
  }[];
  readonly misses: readonly {readonly inode: number; readonly missed_by: readonly string[]}[];
}
