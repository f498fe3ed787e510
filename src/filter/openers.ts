/** Finds the opener of recorded closes, which carry no more of it than `owner_*`. */
import type {ConnectionEvent, Opener} from '../model/event.js';
import {DEFAULT_CONNECTIONS} from '../model/limits.js';
import type {MatchSubject, Party} from './match-subject.js';

/** Most connections remembered at the same time; beyond, the oldest is forgotten. */
const MAX_OPEN = DEFAULT_CONNECTIONS;

function describe(party: Party): Opener {
  const {pid, uid, comm, thread, cgroup_id, cgroup, container, container_name, pod, pod_namespace} = party;
  return {pid, uid, comm, thread, cgroup_id, cgroup, container, container_name, pod, pod_namespace};
}

/** Adds `opener` to close events, from the connect or accept event of the same inode. */
export function createOpenerMemory(): (event: ConnectionEvent) => MatchSubject {
  const openers = new Map<number, Opener>();

  function remember(inode: number, event: ConnectionEvent): void {
    openers.delete(inode);
    openers.set(inode, describe(event));
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
