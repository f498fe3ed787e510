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

/** Yields the batches with names, without connections of tcptrace itself, such as those of lookups. */
export async function* enrich(
  batches: AsyncIterable<readonly TraceEvent[]>,
  lookups: NameLookups,
): AsyncGenerator<readonly TraceEvent[], void, undefined> {
  const namer = createNamer(lookups);
  const addNames = (event: TraceEvent): TraceEvent =>
    isConnection(event) ? {...event, ...namer.ofProcess(event), ...namer.ofEndpoints(event)} : event;
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

/** Returns the sockets with names; looks up the names of each process once. */
export async function nameSockets(
  sockets: readonly OpenSocket[],
  lookups: NameLookups,
): Promise<readonly NamedSocket[]> {
  const namer = createNamer(lookups);
  const processes = new Map<number, Names>();
  try {
    await namer.settle(sockets, MAX_LIST_DELAY_MS);
    return sockets.map((socket) => {
      const {pid} = socket;
      if (pid === undefined) return {...socket, ...namer.ofEndpoints(socket)};
      const names = processes.get(pid) ?? namer.ofProcess(socket);
      processes.set(pid, names);
      return {...socket, ...names, ...namer.ofEndpoints(socket)};
    });
  } finally {
    namer.close();
  }
}
