/** Flags that say which connections are wanted, as text, -> filter. The same for every command. */
import {not} from '../model/conditions.js';
import {type EndCondition, type EndTest, parseNetwork} from '../model/end-condition.js';
import {usageError} from '../model/errors.js';
import type {EventKind} from '../model/event.js';
import type {Condition, SocketFilter} from '../model/filter.js';
import {processExists} from '../procfs/processes.js';
import {MAX_FILTER_VALUES} from '../sources/tracer-options.js';
import {type Containers, createContainers, RECORDED} from '../enrich/containers.js';
import {END_FLAGS, type FilterName, OWNER_FLAGS} from './filter-flags.js';
import {readValue} from './read-value.js';
import {parseNetns, parseUser} from './names.js';
import {parseEventKind, parsePid, parseUid} from './values.js';

type Texts = readonly string[] | undefined;

export type FilterFlags = Readonly<Partial<Record<FilterName | `not-${FilterName}`, Texts>>> & {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly 'no-loopback'?: boolean;
};

type EndName = keyof typeof END_FLAGS;
type OwnerName = keyof typeof OWNER_FLAGS;

const END_NAMES = Object.keys(END_FLAGS) as EndName[];
const OWNER_NAMES = Object.keys(OWNER_FLAGS) as OwnerName[];

/** A flag may be repeated, and each time hold several values with commas between them. */
function split(texts: readonly string[] = []): readonly string[] {
  return [...new Set(texts.flatMap((text) => text.split(',')))];
}

export function readList<T>(flag: string, texts: Texts, parse: (text: string) => T): readonly T[] {
  return split(texts).map((value) => readValue(flag, value, parse));
}

/** @returns undefined where the flag is not given */
function readCondition(
  name: OwnerName,
  flag: string,
  texts: Texts,
  containers: Containers,
): Condition | undefined {
  if (texts === undefined) return undefined;
  return readValue(flag, '', () => OWNER_FLAGS[name].read(split(texts), containers));
}

/** What the kernel compares with; undefined where it has no room for so many. */
function readKernelNumbers(
  flag: string,
  texts: Texts,
  parse: (text: string) => number,
): readonly number[] | undefined {
  const numbers = readList(flag, texts, parse);
  return numbers.length > MAX_FILTER_VALUES ? undefined : numbers;
}

const LOOPBACK: readonly EndTest[] = ['127.0.0.0/8', '::1'].map((text) => ({
  end: 'either',
  network: parseNetwork(text),
}));

function readEnds(flags: FilterFlags): EndCondition[] {
  const read = (name: EndName, flag: EndName | `not-${EndName}`, isWanted: boolean): EndCondition[] => {
    const tests = readList(flag, flags[flag], END_FLAGS[name].test);
    return tests.length === 0 ? [] : [{isWanted, tests}];
  };
  const ends = END_NAMES.flatMap((name) => [...read(name, name, true), ...read(name, `not-${name}`, false)]);
  return flags['no-loopback'] ? [...ends, {isWanted: false, tests: LOOPBACK}] : ends;
}

/**
 * @param isLive whether it is about what happens on this machine now
 * @throws TcptraceError (usage) where a value is wrong
 */
export function readSocketFilter(flags: FilterFlags, isLive = true): SocketFilter {
  const containers = isLive ? createContainers() : RECORDED;
  const inKernel: Partial<Record<OwnerName, readonly number[] | undefined>> = {
    pid: readKernelNumbers('pid', flags.pid, parsePid),
    uid: readKernelNumbers('uid', flags.uid, parseUid),
    // beside --uid, both must hold
    user: flags.uid ? undefined : readKernelNumbers('user', flags.user, parseUser),
    netns: readKernelNumbers('netns', flags.netns, parseNetns),
  };
  const ownerConditions = OWNER_NAMES.flatMap((name) => {
    const wanted = inKernel[name] ? undefined : readCondition(name, name, flags[name], containers);
    const unwanted = readCondition(name, `not-${name}`, flags[`not-${name}`], containers);
    return [...(wanted ? [wanted] : []), ...(unwanted ? [not(unwanted)] : [])];
  });
  const families = [...(flags.ipv4 ? [4 as const] : []), ...(flags.ipv6 ? [6 as const] : [])];
  return {
    pids: inKernel.pid ?? [],
    families,
    uids: (flags.uid ? inKernel.uid : inKernel.user) ?? [],
    netns: inKernel.netns ?? [],
    ends: readEnds(flags),
    ownerConditions,
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
  const valued = [...OWNER_NAMES, ...END_NAMES]
    .flatMap((name) => [name, `not-${name}`] as const)
    .flatMap((flag) => (flags[flag] ?? []).map((text) => `--${flag}=${text}`));
  const others = (['ipv4', 'ipv6', 'no-loopback'] as const).filter((flag) => flags[flag]);
  return [...valued, ...others.map((flag) => `--${flag}`)];
}

/** @throws TcptraceError (usage) where no process has a pid that is asked for */
export function refuseNobody({pids}: SocketFilter): void {
  const nobody = pids.find((pid) => !processExists(pid));
  if (nobody !== undefined) throw usageError(`no such process: ${String(nobody)}`);
}
