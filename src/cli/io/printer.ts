/** Prints events as rows or lines, to stdout or a file. */
import type {Writable} from 'node:stream';
import type {MovedBytes} from '../../aggregate/stats.js';
import type {TraceEvent} from '../../model/event.js';
import type {Formatter} from '../../format/formatter.js';
import {type FormatName, type FormatOptions, FORMATS} from '../../format/formats.js';
import type {Rotation} from '../../output/file.js';
import {createOutput, notRotatable, type Output} from '../../output/output.js';
import {openSpecialFile} from '../../output/special-file.js';
import {type ColorChoice, type MaybeTerminal, resolveColorLevel} from '../../terminal/color.js';
import {unblock} from '../../terminal/unblock.js';
import {findDescriptor, openDescriptor} from './inherited-fd.js';
import type {Say} from './notices.js';

/** Format and destination of the output. */
export interface OutputOptions extends FormatOptions {
  readonly format: FormatName;
  readonly color: ColorChoice;
  /** File to write to; undefined is stdout. */
  readonly output: string | undefined;
  /** Empty the file instead of appending to it. */
  readonly truncate: boolean;
  readonly rotation: Rotation | undefined;
  /** Print summary tables to stderr at the end. */
  readonly stats: boolean;
}

/** Receives each event that is printed. */
export interface Counter {
  readonly add: (event: TraceEvent) => void;
  /** Called when all of them have been written. */
  readonly written?: () => void;
}

/** Collects statistics and prints them at the end. */
export interface StatsPrinter extends Counter {
  /** Undefined without --stats. */
  readonly bytes: () => MovedBytes | undefined;
  readonly print: () => void;
}

type Stdout = Writable & MaybeTerminal & {readonly columns?: number};

interface OutputStreams {
  readonly stdout: Stdout;
  readonly stderr: Writable;
}

function openStream(fd: number, path: string, {stdout, stderr}: OutputStreams): Writable {
  if (fd === 1) unblock(stdout);
  return [stdout, stderr][fd - 1] ?? openDescriptor(fd, path);
}

/**
 * Opens stdout, a file, a FIFO or a device.
 *
 * @param warn receives warnings that do not end the trace
 * @throws TcptraceError if the output cannot be opened, or cannot be rotated
 */
export async function openOutput(
  {output, truncate, rotation}: OutputOptions,
  streams: OutputStreams,
  warn: Say,
): Promise<Output> {
  const path = output ?? '/dev/stdout';
  const fd = findDescriptor(path);
  if (fd !== undefined) return createOutput(openStream(fd, path, streams));
  const special = openSpecialFile(path);
  if (special !== undefined && rotation !== undefined) throw notRotatable(path);
  if (special !== undefined) return createOutput(special, path);
  const {createFileOutput} = await import('../../output/file.js');
  return createFileOutput({path, truncate, rotation, warn});
}

/** Loads the modules of one format. The probes are attached by then, so no event is missed meanwhile. */
export function loadFormat(options: OutputOptions, stdout: Stdout): Promise<Formatter> {
  const {format, color, output} = options;
  const isTerminal = output === undefined && stdout.isTTY === true;
  return FORMATS[format].load(options, {
    colorLevel: resolveColorLevel(output === undefined ? color : 'never', process.env, stdout),
    // a terminal of unknown width reports 0
    width: () => (isTerminal && stdout.columns !== 0 ? stdout.columns : undefined),
  });
}

/** Creates the collector for --stats; without that flag, it does nothing. */
export async function loadStats(
  {stats, color}: OutputOptions,
  stderr: Writable & MaybeTerminal,
): Promise<StatsPrinter> {
  if (!stats) return {add: () => undefined, bytes: () => undefined, print: () => undefined};
  const [{createStats}, {formatStats}, {createPaint}] = await Promise.all([
    import('../../aggregate/stats.js'),
    import('../../format/reports/stats-table.js'),
    import('../../terminal/paint.js'),
  ]);
  const {add, bytes, rows} = createStats();
  const paint = createPaint(resolveColorLevel(color, process.env, stderr));
  return {add, bytes, print: () => void stderr.write(formatStats(rows(), paint))};
}

/** When printEvents() stops. */
export interface PrintLimit {
  /** Events to print; undefined is unlimited. */
  readonly count?: number | undefined;
  /** Stops the source, whose last events are then read. By default, the source is left. */
  readonly stop?: (() => void) | undefined;
}

/**
 * Prints events until the source ends, the output is closed, or `count` events are printed.
 *
 * @returns true if the source ended before
 */
export async function printEvents(
  events: AsyncIterable<readonly TraceEvent[]>,
  {format, head}: Formatter,
  output: Output,
  counter: Counter,
  {count = Infinity, stop}: PrintLimit = {},
): Promise<boolean> {
  if (head) output.setHead(head);
  let left = count;
  for await (const batch of events) {
    for (const event of batch) {
      if (event.event !== 'lost' && left-- <= 0) continue;
      output.add(format(event));
      counter.add(event);
    }
    await output.flush();
    counter.written?.();
    if (output.closed.aborted || (left <= 0 && stop === undefined)) return false;
    if (left <= 0) stop?.();
  }
  return left > 0;
}
