/** Flags that say which connections are wanted, as text, -> filter. The same for every command. */
import {not} from '../../filter/predicates.js';
import {type EndpointPredicate, type EndpointTest, parseNetwork} from '../../filter/endpoints.js';
import {usageError} from '../../model/errors.js';
import type {EventKind} from '../../model/event.js';
import type {Predicate} from '../../filter/match-subject.js';
import type {SocketFilter} from '../../filter/filter.js';
import {hasUid, type Owners} from '../../filter/owners.js';
import {processExists} from '../../procfs/processes.js';
import {type Containers, createContainers, RECORDED} from '../../enrich/containers.js';
import {END_FLAGS, FILTER_FLAGS, type FilterName, PLACE_FLAGS} from './filter-flags.js';
import {readValue} from './read.js';
import {cgroupExists, parseCgroup, parseNetns, parseUser} from './system-values.js';
import {parseComm, parseEventKind, parsePid, parseUid} from './values.js';

type Texts = readonly string[] | undefined;

export type FilterFlags = Readonly<Partial<Record<FilterName | `not-${FilterName}`, Texts>>> & {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly 'no-loopback'?: boolean;
};

type EndName = keyof typeof END_FLAGS;
type PlaceName = keyof typeof PLACE_FLAGS;

const END_NAMES = Object.keys(END_FLAGS) as EndName[];
const PLACE_NAMES = Object.keys(PLACE_FLAGS) as PlaceName[];

/** A flag may be repeated, and each time hold several values with commas between them. */
function split(texts: readonly string[] = []): readonly string[] {
  return [...new Set(texts.flatMap((text) => text.split(',')))];
}

export function readList<T>(flag: string, texts: Texts, parse: (text: string) => T): readonly T[] {
  return [...new Set(split(texts).map((value) => readValue(flag, value, parse)))];
}

/** Not read before it is asked for: the first address that Node.js reads takes it 20 ms. */
function loopback(): readonly EndpointTest[] {
  return ['127.0.0.0/8', '::1'].map((text) => ({end: 'either', network: parseNetwork(text)}));
}

function readEnds(flags: FilterFlags): EndpointPredicate[] {
  const read = (name: EndName, flag: EndName | `not-${EndName}`, isWanted: boolean): EndpointPredicate[] => {
    const tests = readList(flag, flags[flag], END_FLAGS[name].test);
    return tests.length === 0 ? [] : [{isWanted, tests}];
  };
  const ends = END_NAMES.flatMap((name) => [...read(name, name, true), ...read(name, `not-${name}`, false)]);
  return flags['no-loopback'] ? [...ends, {isWanted: false, tests: loopback()}] : ends;
}

function readOwners(flags: FilterFlags): Owners {
  const read = <T>(name: FilterName, parse: (text: string) => T): readonly T[] =>
    readList(name, flags[name], parse);
  const readNot = <T>(name: FilterName, parse: (text: string) => T): readonly T[] =>
    readList(`not-${name}`, flags[`not-${name}`], parse);
  return {
    pids: read('pid', parsePid),
    notPids: readNot('pid', parsePid),
    // beside --uid, both must hold: readUserBesideUid()
    uids: flags.uid ? read('uid', parseUid) : read('user', parseUser),
    notUids: [...readNot('uid', parseUid), ...readNot('user', parseUser)],
    netns: read('netns', parseNetns),
    notNetns: readNot('netns', parseNetns),
    comms: read('comm', parseComm),
    notComms: readNot('comm', parseComm),
  };
}

function readPlaces(flags: FilterFlags, containers: Containers): readonly Predicate[] {
  const read = (name: PlaceName, flag: PlaceName | `not-${PlaceName}`): readonly Predicate[] => {
    const texts = flags[flag];
    return texts ? [readValue(flag, '', () => PLACE_FLAGS[name].read(split(texts), containers))] : [];
  };
  return PLACE_NAMES.flatMap((name) => [...read(name, name), ...read(name, `not-${name}`).map(not)]);
}

function readUserBesideUid({uid, user}: FilterFlags): readonly Predicate[] {
  return uid && user ? [hasUid(readList('user', user, parseUser))] : [];
}

/**
 * @param isLive whether it is about what happens on this machine now
 * @throws TcptraceError (usage) where a value is wrong
 */
export function readSocketFilter(flags: FilterFlags, isLive = true): SocketFilter {
  const containers = isLive ? createContainers() : RECORDED;
  return {
    ...readOwners(flags),
    families: [...(flags.ipv4 ? [4 as const] : []), ...(flags.ipv6 ? [6 as const] : [])],
    ends: readEnds(flags),
    ownerPredicates: [...readUserBesideUid(flags), ...readPlaces(flags, containers)],
  };
}

export interface EventFlags {
  readonly event: Texts;
  readonly 'not-event': Texts;
}

/** @param otherwise where no kind is asked for */
export function readEvents(flags: EventFlags, otherwise: readonly EventKind[]): readonly EventKind[] {
  const wanted = readList('event', flags.event, parseEventKind);
  const unwanted = readList('not-event', flags['not-event'], parseEventKind);
  const events = (wanted.length === 0 ? otherwise : wanted).filter((kind) => !unwanted.includes(kind));
  if (events.length === 0) throw usageError('--not-event: nothing is left of --event');
  return events;
}

/** The same flags as words of a command line. */
export function toWords(flags: FilterFlags): string[] {
  const valued = (Object.keys(FILTER_FLAGS) as FilterName[])
    .flatMap((name) => [name, `not-${name}`] as const)
    .flatMap((flag) => (flags[flag] ?? []).map((text) => `--${flag}=${text}`));
  const others = (['ipv4', 'ipv6', 'no-loopback'] as const).filter((flag) => flags[flag]);
  return [...valued, ...others.map((flag) => `--${flag}`)];
}

/** A cgroup that is asked for and that there is not, or not yet. */
export interface MissingCgroup {
  readonly flag: 'cgroup' | 'not-cgroup';
  readonly path: string;
}

export function findMissingCgroups(flags: FilterFlags): readonly MissingCgroup[] {
  return (['cgroup', 'not-cgroup'] as const).flatMap((flag) =>
    readList(flag, flags[flag], parseCgroup)
      .filter((path) => !cgroupExists(path))
      .map((path) => ({flag, path})),
  );
}

/** @throws TcptraceError (usage) where no process has a pid that is asked for */
export function refuseNobody({pids}: SocketFilter): void {
  const nobody = pids.find((pid) => !processExists(pid));
  if (nobody !== undefined) throw usageError(`--pid: no such process: ${String(nobody)}`);
}
