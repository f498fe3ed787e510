import type {Direction} from '../model/event.js';
import type {MatchSubject} from '../filter/match-subject.js';

/** Subject of a lookup: an event, or a socket of a listing. */
export interface Subject extends MatchSubject {
  readonly inode?: number | undefined;
  readonly direction?: Direction | undefined;
  /** Time of the event, RFC 3339; absent for a listing, which is current. */
  readonly time?: string | undefined;
}
