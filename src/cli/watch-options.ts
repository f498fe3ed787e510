/** Flags of `tcptrace watch`, as text, -> options. */
import {parseDuration} from '../model/duration.js';
import {usageError} from '../model/errors.js';
import {EVENT_KINDS, type EventKind} from '../model/event.js';
import type {Filter} from '../model/filter.js';
import {processExists} from '../procfs/processes.js';
import {MAX_FILTER_VALUES} from '../sources/tracer-options.js';
import type {ColorChoice} from '../terminal/color.js';
import {type ProbeFlags, readProbeOptions} from './probe-options.js';
import {readOptional, readValue} from './read-value.js';
import {parseCount, parseEventKind, parsePid, parsePort} from './values.js';
import type {WatchOptions} from './watch-session.js';

/** What the command line parser makes of argv: only what needs no knowledge of ours is checked. */
export interface WatchFlags extends ProbeFlags {
  readonly event: readonly string[] | undefined;
  readonly pid: readonly string[] | undefined;
  readonly port: readonly string[] | undefined;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly duration: string | undefined;
  readonly count: string | undefined;
  readonly ndjson: boolean;
  readonly color: ColorChoice;
  readonly quiet: boolean;
  readonly 'fail-on-loss': boolean;
}

/** Open connections are listed on demand. */
const DEFAULT_EVENTS: readonly EventKind[] = EVENT_KINDS.filter((kind) => kind !== 'open');

/** A flag may be repeated, and each time hold several values with commas between them. */
function readList<T>(flag: string, texts: readonly string[] = [], parse: (text: string) => T): readonly T[] {
  const values = texts.flatMap((text) => text.split(',').map((value) => readValue(flag, value, parse)));
  const unique = [...new Set(values)];
  if (unique.length > MAX_FILTER_VALUES)
    throw usageError(`--${flag}: more than ${String(MAX_FILTER_VALUES)} values`);
  return unique;
}

function readFilter(flags: WatchFlags): Filter {
  const events = readList('event', flags.event, parseEventKind);
  const families: Filter['families'] = [
    ...(flags.ipv4 ? [4 as const] : []),
    ...(flags.ipv6 ? [6 as const] : []),
  ];
  return {
    events: events.length === 0 ? DEFAULT_EVENTS : events,
    pids: readList('pid', flags.pid, parsePid),
    ports: readList('port', flags.port, parsePort),
    families,
  };
}

/** What only the kernel can see must not be waited for in vain, or promised. */
function refuseUnseen({probe, filter, failOnLoss}: WatchOptions, {event}: WatchFlags): void {
  if (probe !== 'proc') return;
  if (event !== undefined && filter.events.includes('fail'))
    throw usageError('--event fail: /proc does not show what failed', 'leave it out with --proc');
  if (failOnLoss)
    throw usageError('--fail-on-loss: what scans of /proc miss is not counted', 'leave it out with --proc');
}

/** @throws TcptraceError (usage) where a value is wrong, a flag would have no effect, or no process has a pid that is asked for */
export function readWatchOptions(flags: WatchFlags): WatchOptions {
  const filter = readFilter(flags);
  const probeOptions = readProbeOptions(flags);
  const options: WatchOptions = {
    ...probeOptions,
    // scans cannot count what they miss
    mayFallBack: probeOptions.mayFallBack && !flags['fail-on-loss'],
    filter,
    durationMs: readOptional('duration', flags.duration, parseDuration),
    count: readOptional('count', flags.count, parseCount),
    ndjson: flags.ndjson,
    color: flags.color,
    quiet: flags.quiet,
    failOnLoss: flags['fail-on-loss'],
  };
  refuseUnseen(options, flags);
  const nobody = filter.pids.find((pid) => !processExists(pid));
  if (nobody !== undefined) throw usageError(`no such process: ${String(nobody)}`);
  return options;
}
