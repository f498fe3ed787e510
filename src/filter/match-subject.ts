import type {CloseEvent} from '../model/event.js';

/** A process as filters compare it. An absent field is unknown. */
export type Party = Pick<
  CloseEvent,
  | 'pid'
  | 'uid'
  | 'comm'
  | 'thread'
  | 'cgroup_id'
  | 'cgroup'
  | 'container'
  | 'container_name'
  | 'pod'
  | 'pod_namespace'
>;

type Compared = 'owner_pid' | 'owner_comm' | 'owner_uid' | 'opener' | 'family' | 'laddr' | 'lport' | 'netns';

/** An event or an open socket as filters compare it; its own process fields are those of the caller or holder. */
export interface MatchSubject extends Party, Pick<CloseEvent, Compared> {
  readonly raddr?: string | undefined;
  readonly rport?: number | undefined;
}

/** True for subjects that pass. */
export type Predicate = (subject: MatchSubject) => boolean;
