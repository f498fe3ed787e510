/** Finds the openers of close events that have only `owner_*` fields, such as those of recordings. */
import {type ConnectionEvent, type Opener, PROCESS_FIELDS} from '../model/event.js';
import {DEFAULT_CONNECTIONS} from '../model/limits.js';
import {pick} from '../model/basics/pick.js';
import type {MatchSubject} from './match-subject.js';

/** Limit of remembered connections; a further one replaces the oldest. */
const MAX_OPEN = DEFAULT_CONNECTIONS;

/** Adds `opener` to close events, from the connect or accept event of the same inode. */
export function createOpenerMemory(): (event: ConnectionEvent) => MatchSubject {
  const openers = new Map<number, Opener>();

  function remember(inode: number, event: ConnectionEvent): void {
    openers.delete(inode);
    openers.set(inode, pick(event, PROCESS_FIELDS));
    if (openers.size <= MAX_OPEN) return;
    const [oldest] = openers.keys();
    if (oldest !== undefined) openers.delete(oldest);
  }

  return (event) => {
    const {inode} = event;
    if (inode === undefined) return event;
    if (event.event === 'connect' || event.event === 'accept') remember(inode, event);
    if (event.event !== 'close') return event;
    const opener = openers.get(inode);
    openers.delete(inode);
    const isKnown = event.opener === undefined && opener?.pid === (event.owner_pid ?? event.pid);
    return isKnown ? {...event, opener} : event;
  };
}
