/** Adds names to events: each in a time that is bounded, and none that fails. */
import {type ConnectionEvent, isIncoming, type Names, type TraceEvent} from '../model/event.js';
import {memoize} from '../model/memo.js';
import {findLocalUser} from '../procfs/users.js';
import {createCommandLines} from './command-lines.js';
import {createContainers} from './containers.js';
import {createHosts, type Hosts} from './hosts.js';
import {readServices} from './services.js';

/** Which names are wanted. */
export interface Wanted {
  readonly users: boolean;
  readonly args: boolean;
  readonly containers: boolean;
  /** Of hosts, and of services. */
  readonly hosts: boolean;
}

/** Longest time that an event waits for the name of its peer, from when it happened. */
const MAX_DELAY_MS = 200;

type Lookup = (event: ConnectionEvent) => Names;

function createServiceLookup(): Lookup {
  const services = readServices();
  return (event) => {
    const port = isIncoming(event) ? event.lport : event.rport;
    return {service: port === undefined ? undefined : services.get(port)};
  };
}

function createLookups(
  {users, args, containers, hosts}: Wanted,
  names: Hosts | undefined,
): readonly Lookup[] {
  const lookups: Lookup[] = [];
  if (users) {
    const nameOf = memoize((uid: number) => ({user: findLocalUser(uid)?.name}));
    lookups.push(({uid}) => (uid === undefined ? {} : nameOf(uid)));
  }
  if (args) {
    const lineOf = createCommandLines();
    lookups.push((event) => ({args: lineOf(event)}));
  }
  if (containers) lookups.push(createContainers().describe);
  if (names) lookups.push(({raddr}) => ({raddr_name: names.nameOf(raddr)}));
  if (hosts) lookups.push(createServiceLookup());
  return lookups;
}

function isConnection(event: TraceEvent): event is ConnectionEvent {
  return event.event !== 'lost';
}

/** Waits for names of peers; who was late before waits for less, so that nothing piles up. */
async function settle(hosts: Hosts, events: readonly ConnectionEvent[]): Promise<void> {
  const [oldest] = events;
  if (oldest === undefined) return;
  const ageMs = Math.max(0, Date.now() - Date.parse(oldest.time));
  await hosts.settle(new Set(events.map(({raddr}) => raddr)), MAX_DELAY_MS - ageMs);
}

/** The same batches with names. What this process does itself, such as asking for names, is left out. */
export async function* enrich(
  batches: AsyncIterable<readonly TraceEvent[]>,
  wanted: Wanted,
): AsyncGenerator<readonly TraceEvent[], void, undefined> {
  const hosts = wanted.hosts ? createHosts() : undefined;
  const lookups = createLookups(wanted, hosts);
  const addNames = (event: TraceEvent): TraceEvent => {
    if (!isConnection(event)) return event;
    const named = {...event};
    for (const lookup of lookups) Object.assign(named, lookup(event));
    return named;
  };
  try {
    for await (const batch of batches) {
      const others = hosts
        ? batch.filter((event) => !isConnection(event) || event.pid !== process.pid)
        : batch;
      if (hosts) await settle(hosts, others.filter(isConnection));
      yield others.map(addNames);
    }
  } finally {
    hosts?.close();
  }
}
