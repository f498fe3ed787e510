/** Adds names to events and to sockets of a listing. */
import type {ConnectionEvent, Names, TraceEvent} from '../model/event.js';
import type {OpenSocket, NamedSocket} from '../model/socket.js';
import {createNamer, type Namer, type NameLookups} from './namer.js';

/** Longest delay of an event by lookups, counted from its time. */
const MAX_DELAY_MS = 200;

/** Longest time that a listing waits for all its names. */
const MAX_LIST_DELAY_MS = 2000;

function isConnection(event: TraceEvent): event is ConnectionEvent {
  return event.event !== 'lost';
}

/** Returns the process that opened the connection, if known; another process may close it, as a reader of /proc/PID/fd does. */
function openerPid(event: ConnectionEvent): number | undefined {
  return event.event === 'close' ? (event.owner_pid ?? event.pid) : event.pid;
}

/** Returns true if tcptrace itself made the connection; lookups of names may use TCP. */
export function isOwn(event: TraceEvent): boolean {
  return isConnection(event) && openerPid(event) === process.pid;
}

/** Waits for names; events that are already late wait for less, so that delays do not add up. */
async function settle(namer: Namer, events: readonly ConnectionEvent[]): Promise<void> {
  const [oldest] = events;
  if (oldest === undefined) return;
  const ageMs = Math.max(0, Date.now() - Date.parse(oldest.time));
  await namer.settle(events, MAX_DELAY_MS - ageMs);
}

/** Returns the container and pod of a process as those of the remote endpoint. */
function asPeerNames({container, container_name, pod, pod_namespace}: Names): Names {
  return {
    peer_container: container,
    peer_container_name: container_name,
    peer_pod: pod,
    peer_pod_namespace: pod_namespace,
  };
}

/** Looks up the container and pod of the process at the remote endpoint. */
export function peerNames(namer: Namer, event: ConnectionEvent): Names {
  if (event.event === 'fail' || event.peer === undefined) return {};
  return asPeerNames(namer.ofProcess({...event, ...event.peer}));
}

/** Yields the batches with names, without connections of tcptrace itself, such as those of lookups. */
export async function* enrich(
  batches: AsyncIterable<readonly TraceEvent[]>,
  lookups: NameLookups,
): AsyncGenerator<readonly TraceEvent[], void, undefined> {
  const namer = createNamer(lookups);
  const {containers} = lookups;
  const addNames = (event: TraceEvent): TraceEvent =>
    isConnection(event)
      ? {
          ...event,
          ...namer.ofProcess(event),
          ...namer.ofEndpoints(event),
          ...(containers && peerNames(namer, event)),
        }
      : event;
  try {
    for await (const batch of batches) {
      const others = lookups.hosts ? batch.filter((event) => !isOwn(event)) : batch;
      await settle(namer, others.filter(isConnection));
      yield others.map(addNames);
    }
  } finally {
    namer.close();
  }
}

/** Returns the socket as if the process at the remote endpoint held it. */
function heldByPeer(socket: OpenSocket): OpenSocket {
  return {...socket, pid: socket.peer_pid, uid: undefined};
}

/** Creates a function that looks up the names of each process once. */
function createNamesOf(namer: Namer): (holder: OpenSocket) => Names {
  const known = new Map<number, Names>();
  return (holder) => {
    const {pid} = holder;
    if (pid === undefined) return {};
    const names = known.get(pid) ?? namer.ofProcess(holder);
    known.set(pid, names);
    return names;
  };
}

/** Returns the sockets with names; looks up the names of each process once. */
export async function nameSockets(
  sockets: readonly OpenSocket[],
  lookups: NameLookups,
): Promise<readonly NamedSocket[]> {
  const namer = createNamer(lookups);
  const [namesOfHolder, namesOfPeer] = [createNamesOf(namer), createNamesOf(namer)];
  const hasPeer = ({peer_pid}: OpenSocket): boolean => lookups.containers && peer_pid !== undefined;
  try {
    await namer.settle([...sockets, ...sockets.filter(hasPeer).map(heldByPeer)], MAX_LIST_DELAY_MS);
    return sockets.map((socket) => ({
      ...socket,
      ...namesOfHolder(socket),
      ...namer.ofEndpoints(socket),
      ...(hasPeer(socket) && asPeerNames(namesOfPeer(heldByPeer(socket)))),
    }));
  } finally {
    namer.close();
  }
}
