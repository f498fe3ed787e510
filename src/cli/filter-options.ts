/** Flags that say which connections are wanted, as text, -> filter. The same for every command. */
import {not, hasAddress} from '../model/conditions.js';
import {usageError} from '../model/errors.js';
import type {EventKind} from '../model/event.js';
import type {Condition, SocketFilter} from '../model/filter.js';
import {processExists} from '../procfs/processes.js';
import {MAX_FILTER_VALUES} from '../sources/tracer-options.js';
import {type Containers, createContainers, RECORDED} from '../enrich/containers.js';
import {FILTER_FLAGS, type FilterName} from './filter-flags.js';
import {readValue} from './read-value.js';
import {parseNetns} from './names.js';
import {parseEventKind, parsePid, parsePortRange, parseUid} from './values.js';

type Texts = readonly string[] | undefined;

export type FilterFlags = Readonly<Partial<Record<FilterName | `not-${FilterName}`, Texts>>> & {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly 'no-loopback'?: boolean;
};

const NAMES = Object.keys(FILTER_FLAGS) as FilterName[];

function isOfOwner(name: FilterName): boolean {
  return 'isOwner' in FILTER_FLAGS[name];
}

/** A flag may be repeated, and each time hold several values with commas between them. */
function split(texts: readonly string[] = []): readonly string[] {
  return [...new Set(texts.flatMap((text) => text.split(',')))];
}

export function readList<T>(flag: string, texts: Texts, parse: (text: string) => T): readonly T[] {
  return split(texts).map((value) => readValue(flag, value, parse));
}

/** @returns undefined where the flag is not given */
function readCondition(
  name: FilterName,
  flag: string,
  texts: Texts,
  containers: Containers,
): Condition | undefined {
  if (texts === undefined) return undefined;
  return readValue(flag, '', () => FILTER_FLAGS[name].read(split(texts), containers));
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

/** The same of ports. */
function readKernelPorts(texts: Texts): readonly number[] | undefined {
  const ports = readList('port', texts, parsePortRange).flatMap(([first, last]) =>
    last - first < MAX_FILTER_VALUES
      ? Array.from({length: last - first + 1}, (_, index) => first + index)
      : [NaN],
  );
  const unique = [...new Set(ports)];
  return unique.length > MAX_FILTER_VALUES || unique.includes(NaN) ? undefined : unique;
}

const LOOPBACK = ['127.0.0.0/8', '::1'];

/**
 * @param isLive whether it is about what happens on this machine now
 * @throws TcptraceError (usage) where a value is wrong
 */
export function readSocketFilter(flags: FilterFlags, isLive = true): SocketFilter {
  const containers = isLive ? createContainers() : RECORDED;
  const inKernel: Partial<Record<FilterName, readonly number[] | undefined>> = {
    pid: readKernelNumbers('pid', flags.pid, parsePid),
    port: readKernelPorts(flags.port),
    uid: readKernelNumbers('uid', flags.uid, parseUid),
    netns: readKernelNumbers('netns', flags.netns, parseNetns),
  };
  const read = (names: readonly FilterName[]): Condition[] =>
    names.flatMap((name) => {
      const wanted = inKernel[name] ? undefined : readCondition(name, name, flags[name], containers);
      const unwanted = readCondition(name, `not-${name}`, flags[`not-${name}`], containers);
      return [...(wanted ? [wanted] : []), ...(unwanted ? [not(unwanted)] : [])];
    });
  const conditions = read(NAMES.filter((name) => !isOfOwner(name)));
  if (flags['no-loopback']) conditions.push(not(hasAddress(LOOPBACK, ({laddr, raddr}) => [laddr, raddr])));
  const families = [...(flags.ipv4 ? [4 as const] : []), ...(flags.ipv6 ? [6 as const] : [])];
  return {
    pids: inKernel.pid ?? [],
    ports: inKernel.port ?? [],
    families,
    uids: inKernel.uid ?? [],
    netns: inKernel.netns ?? [],
    ownerConditions: read(NAMES.filter(isOfOwner)),
    conditions,
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
  const valued = NAMES.flatMap((name) => [name, `not-${name}`] as const).flatMap((flag) =>
    (flags[flag] ?? []).map((text) => `--${flag}=${text}`),
  );
  const others = (['ipv4', 'ipv6', 'no-loopback'] as const).filter((flag) => flags[flag]);
  return [...valued, ...others.map((flag) => `--${flag}`)];
}

/** @throws TcptraceError (usage) where no process has a pid that is asked for */
export function refuseNobody({pids}: SocketFilter): void {
  const nobody = pids.find((pid) => !processExists(pid));
  if (nobody !== undefined) throw usageError(`no such process: ${String(nobody)}`);
}
