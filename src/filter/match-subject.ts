import type {CloseEvent} from '../model/event.js';

/** What a close event has that other events and sockets that are there may have, too. */
type Compared =
  | 'pid'
  | 'uid'
  | 'comm'
  | 'owner_pid'
  | 'owner_comm'
  | 'family'
  | 'laddr'
  | 'lport'
  | 'netns'
  | 'cgroup_id'
  | 'cgroup'
  | 'container'
  | 'container_name'
  | 'pod'
  | 'pod_namespace';

/** What is compared: of an event, or of a socket that is there, which may have no remote end. Absent is unknown. */
export interface MatchSubject extends Pick<CloseEvent, Compared> {
  readonly raddr?: string | undefined;
  readonly rport?: number | undefined;
}

/** Whether a candidate is wanted, as far as one flag says. */
export type Predicate = (candidate: MatchSubject) => boolean;
