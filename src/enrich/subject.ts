import type {Direction} from '../model/event.js';
import type {MatchSubject} from '../filter/match-subject.js';

/** Subject of a lookup: an event, or a socket of a listing. */
export interface Subject extends MatchSubject {
  readonly inode?: number | undefined;
  readonly direction?: Direction | undefined;
  /** When it happened, RFC 3339; absent is now. */
  readonly time?: string | undefined;
}
