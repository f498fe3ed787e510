import type {Names} from './event.js';

/** What is compared: of an event, or of a socket that is there. Absent is unknown. */
export interface Candidate extends Pick<Names, 'cgroup' | 'container' | 'container_name'> {
  readonly pid?: number | undefined;
  readonly uid?: number | undefined;
  readonly comm?: string | undefined;
  /** Who opened what another process closes. */
  readonly owner_pid?: number | undefined;
  readonly owner_comm?: string | undefined;
  readonly family: 4 | 6;
  readonly laddr?: string | undefined;
  readonly lport?: number | undefined;
  readonly raddr?: string | undefined;
  readonly rport?: number | undefined;
  readonly netns?: number | undefined;
  readonly cgroup_id?: number | undefined;
}

/** Whether a candidate is wanted, as far as one flag says. */
export type Condition = (candidate: Candidate) => boolean;
