/** Whose an event is, where processes are counted. */
import type {ConnectionEvent} from '../model/event.js';
import {formatComm, orUnknown} from '../format/cells.js';

/** Attributes the event to the process that opened the connection, whichever process closed it. */
export function asOwner(event: ConnectionEvent): ConnectionEvent {
  if (event.event !== 'close' || event.owner_pid === undefined) return event;
  return {
    ...event,
    pid: event.owner_pid,
    comm: event.owner_comm,
    uid: event.owner_uid,
    thread: undefined,
    cgroup_id: undefined,
  };
}

/** Identifies the process of an event. */
export function processKey({pid}: ConnectionEvent): string {
  return orUnknown(pid);
}

/** @param width that the pid is brought to */
export function nameProcess({pid, comm}: ConnectionEvent, width = 0): string {
  return `${orUnknown(pid).padStart(width)} ${formatComm(comm)}`;
}
