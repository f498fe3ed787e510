/** Result of checking one kernel feature or capability. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** Reason if not ok; else a remark or ''. */
  readonly detail: string;
}

/** Results of `tcptrace doctor`. */
export interface Diagnosis {
  /** Release of the running kernel. */
  readonly kernel: string;
  /** Machine name of uname(2), such as x86_64. */
  readonly arch: string;
  /** Checked by using each feature. */
  readonly features: readonly Finding[];
  /** Choice of `--probe auto`: `proc` if no eBPF probe can work, null if one could work with more privileges. */
  readonly probe: string | null;
}
