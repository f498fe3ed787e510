/** One thing that a kernel and some privileges allow, or not. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** Why not, or what was found; possibly ''. */
  readonly detail: string;
}

/** What this kernel and these privileges allow. */
export interface Diagnosis {
  /** Release of the running kernel. */
  readonly kernel: string;
  /** As uname names it, such as x86_64. */
  readonly arch: string;
  /** Each tried, not guessed. */
  readonly features: readonly Finding[];
  /** What `--probe auto` would take: `proc` where no eBPF probe can work, null where one could with more privileges. */
  readonly probe: string | null;
}
