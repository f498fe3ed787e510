import type {CloseEvent, Opener} from '../model/event.js';

/** A process as filters compare it: the caller, the holder or the opener. An absent field is unknown. */
export type Party = Opener;

type Owner = 'owner_pid' | 'owner_comm' | 'owner_uid' | 'opener';
type Compared = Owner | 'family' | 'laddr' | 'lport' | 'zone' | 'ifindex' | 'netns';

/** An event or an open socket as filters compare it; its own process fields are those of the caller or holder. */
export interface MatchSubject extends Party, Pick<CloseEvent, Compared> {
  readonly raddr?: string | undefined;
  readonly rport?: number | undefined;
}

/** True for subjects that pass. */
export type Predicate = (subject: MatchSubject) => boolean;
