/** Adds names to events, and to sockets that are there. */
import type {ConnectionEvent, Names, TraceEvent} from '../model/event.js';
import type {OpenSocket, NamedSocket} from '../model/socket.js';
import {createNamer, type Namer, type NameLookups} from './namer.js';

/** Longest time that an event waits for names, from when it happened. */
const MAX_DELAY_MS = 200;

/** The same for all sockets of a list together. */
const MAX_LIST_DELAY_MS = 2000;

function isConnection(event: TraceEvent): event is ConnectionEvent {
  return event.event !== 'lost';
}

/** Who opened the connection, as far as that is known: who closes it may have looked at its file as it was closed. */
function openerPid(event: ConnectionEvent): number | undefined {
  return event.event === 'close' ? (event.owner_pid ?? event.pid) : event.pid;
}

/** Whether this process made the connection: asking for names, too, may make some. */
export function isOwn(event: TraceEvent): boolean {
  return isConnection(event) && openerPid(event) === process.pid;
}

/** Waits for names; who was late before waits for less, so that nothing piles up. */
async function settle(namer: Namer, events: readonly ConnectionEvent[]): Promise<void> {
  const [oldest] = events;
  if (oldest === undefined) return;
  const ageMs = Math.max(0, Date.now() - Date.parse(oldest.time));
  await namer.settle(events, MAX_DELAY_MS - ageMs);
}

/** The same batches with names. What this process does itself, such as asking for names, is left out. */
export async function* enrich(
  batches: AsyncIterable<readonly TraceEvent[]>,
  wanted: NameLookups,
): AsyncGenerator<readonly TraceEvent[], void, undefined> {
  const namer = createNamer(wanted);
  const addNames = (event: TraceEvent): TraceEvent =>
    isConnection(event) ? {...event, ...namer.ofProcess(event), ...namer.ofEnds(event)} : event;
  try {
    for await (const batch of batches) {
      const others = wanted.hosts ? batch.filter((event) => !isOwn(event)) : batch;
      await settle(namer, others.filter(isConnection));
      yield others.map(addNames);
    }
  } finally {
    namer.close();
  }
}

/** The same sockets with names. What is known of a process is so of all its sockets. */
export async function nameSockets(
  sockets: readonly OpenSocket[],
  wanted: NameLookups,
): Promise<readonly NamedSocket[]> {
  const namer = createNamer(wanted);
  const processes = new Map<number, Names>();
  try {
    await namer.settle(sockets, MAX_LIST_DELAY_MS);
    return sockets.map((socket) => {
      const {pid} = socket;
      if (pid === undefined) return {...socket, ...namer.ofEnds(socket)};
      const names = processes.get(pid) ?? namer.ofProcess(socket);
      processes.set(pid, names);
      return {...socket, ...names, ...namer.ofEnds(socket)};
    });
  } finally {
    namer.close();
  }
}
