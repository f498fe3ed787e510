/** Flags of `tcptrace watch`, as text, -> options. */
import path from 'node:path';
import {parseDuration} from '../model/duration.js';
import {TcptraceError, usageError} from '../model/errors.js';
import {EVENT_KINDS, type EventKind} from '../model/event.js';
import type {Filter} from '../model/filter.js';
import {parseSize} from '../model/size.js';
import type {ProbeChoice} from '../sources/choose.js';
import {processExists} from '../sources/procfs.js';
import {MAX_FILTER_VALUES} from '../sources/tracer-options.js';
import type {ColorChoice} from '../terminal/color.js';
import {parseCount, parseEventKind, parseMaxConnections, parsePid, parsePort} from './values.js';
import type {WatchOptions} from './watch-session.js';

/** What the command line parser makes of argv: only what needs no knowledge of ours is checked. */
export interface WatchFlags {
  readonly probe: ProbeChoice;
  readonly 'buffer-size': string;
  readonly 'max-connections': string;
  readonly btf: string | undefined;
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

function readValue<T>(flag: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TcptraceError)) throw error;
    throw new TcptraceError(`--${flag}: ${error.message}`, error.exitCode, error.hint);
  }
}

function readOptional<T>(flag: string, text: string | undefined, parse: (text: string) => T): T | undefined {
  return text === undefined ? undefined : readValue(flag, text, parse);
}

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

/** @throws TcptraceError (usage) where a value is wrong, or no process has a pid that is asked for */
export function readWatchOptions(flags: WatchFlags): WatchOptions {
  const filter = readFilter(flags);
  const options: WatchOptions = {
    probe: flags.probe,
    filter,
    limits: {
      bufferSizeBytes: readValue('buffer-size', flags['buffer-size'], parseSize),
      maxConnections: readValue('max-connections', flags['max-connections'], parseMaxConnections),
      ...(flags.btf === undefined ? {} : {btfPath: path.resolve(flags.btf)}),
    },
    durationMs: readOptional('duration', flags.duration, parseDuration),
    count: readOptional('count', flags.count, parseCount),
    ndjson: flags.ndjson,
    color: flags.color,
    quiet: flags.quiet,
    failOnLoss: flags['fail-on-loss'],
  };
  const nobody = filter.pids.find((pid) => !processExists(pid));
  if (nobody !== undefined) throw usageError(`no such process: ${String(nobody)}`);
  return options;
}
