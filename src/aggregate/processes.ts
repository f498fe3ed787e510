/** Whose an event is, where processes are counted. */
import type {ConnectionEvent} from '../model/event.js';
import {formatComm, orUnknown} from '../format/cells.js';

/** A connection is its opener's, whoever closes it: the event as if it had been the opener. */
export function asOwner(event: ConnectionEvent): ConnectionEvent {
  if (event.event !== 'close' || event.owner_pid === undefined) return event;
  return {...event, pid: event.owner_pid, comm: event.owner_comm, uid: undefined, cgroup_id: undefined};
}

/** What all events of a process have in common: threads have names of their own. */
export function processKey({pid}: ConnectionEvent): string {
  return orUnknown(pid);
}

/** @param width that the pid is brought to */
export function nameProcess({pid, comm}: ConnectionEvent, width = 0): string {
  return `${orUnknown(pid).padStart(width)} ${formatComm(comm)}`;
}
