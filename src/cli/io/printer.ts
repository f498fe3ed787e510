/** Prints events and reports, to stdout or a file. */
import type {Writable} from 'node:stream';
import type {MovedBytes} from '../../aggregate/stats.js';
import type {TraceEvent} from '../../model/event.js';
import type {ColumnName} from '../../format/table/columns.js';
import type {Formatter} from '../../format/formatter.js';
import {type Destination, type FormatName, type FormatOptions, FORMATS} from '../../format/formats.js';
import type {NetnsNamer} from '../../format/notation.js';
import type {Report} from '../../format/reports/report.js';
import type {Rotation} from '../../output/file.js';
import {createOutput, notRotatable, type Output} from '../../output/output.js';
import {openSpecialFile} from '../../output/special-file.js';
import {type ColorChoice, type MaybeTerminal, resolveColorLevel} from '../../terminal/color.js';
import {unblock} from '../../terminal/unblock.js';
import {findDescriptor, openDescriptor} from './inherited-fd.js';
import type {Say} from './notices.js';

/** Format and destination of the output of any command. */
export interface PrintOptions<Column extends string = string> {
  readonly format: FormatName;
  /** Columns of the table; undefined shows as many as fit. */
  readonly columns: readonly Column[] | undefined;
  /** Print the titles of the columns. */
  readonly header: boolean;
  /** Exact numbers in tables and sentences. */
  readonly exact: boolean;
  /** Names network namespaces in tables, if they are those of this machine. */
  readonly nameNetns?: NetnsNamer | undefined;
  readonly color: ColorChoice;
  /** File to write to; undefined is stdout. */
  readonly output: string | undefined;
  /** Empty the file instead of appending to it. */
  readonly truncate: boolean;
}

/** Format and destination of events. */
export interface OutputOptions extends FormatOptions, PrintOptions<ColumnName> {
  readonly columns: readonly ColumnName[] | undefined;
  readonly rotation: Rotation | undefined;
  /** Print totals to stderr at the end. */
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
  readonly print: () => Promise<void>;
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
  {
    output,
    truncate,
    rotation,
  }: Pick<OutputOptions, 'output' | 'truncate'> & Partial<Pick<OutputOptions, 'rotation'>>,
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

/** The stream that decides color and width. */
export type Target = MaybeTerminal & {readonly columns?: number};

/** @param output file that is written to instead of the stream */
export function describeDestination(
  {color, output}: Pick<PrintOptions, 'color' | 'output'>,
  stream: Target,
): Destination {
  const isTerminal = output === undefined && stream.isTTY === true;
  return {
    colorLevel: resolveColorLevel(output === undefined ? color : 'never', process.env, stream),
    // a terminal of unknown width reports 0
    width: () => (isTerminal && stream.columns !== 0 ? stream.columns : undefined),
  };
}

/** Loads the modules of one format. The probes are attached by then, so no event is missed meanwhile. */
export function loadFormat(options: OutputOptions, stdout: Stdout): Promise<Formatter> {
  return FORMATS[options.format].load(options, describeDestination(options, stdout));
}

/** Formats a report for a stream, or for the file that is written to instead. */
export async function formatReport(
  report: Report,
  {format, columns, header, exact, nameNetns, color, output}: Omit<PrintOptions, 'truncate'>,
  stream: Target,
): Promise<Iterable<string>> {
  const {colorLevel, width} = describeDestination({color, output}, stream);
  // a format of events only, such as compact, has the table as its report
  const formatIt = FORMATS[format].report ?? FORMATS.table.report;
  return formatIt?.(report, {columns, header, exact, nameNetns, colorLevel, width: width()}) ?? [];
}

/** Prints a report to an opened output, and closes it. @throws TcptraceError if the output failed */
export async function printReport(
  report: Report,
  options: PrintOptions,
  output: Output,
  stdout: Target,
): Promise<void> {
  for (const text of await formatReport(report, options, stdout)) {
    output.add(text);
    if (output.closed.aborted) break;
  }
  await output.end();
}

/** Creates the collector for --stats; without that flag, it does nothing. */
export async function loadStats(
  {stats, ...options}: OutputOptions,
  stderr: Writable & Target,
): Promise<StatsPrinter> {
  if (!stats) return {add: () => undefined, bytes: () => undefined, print: () => Promise.resolve()};
  const [{createStats}, {reportStats}] = await Promise.all([
    import('../../aggregate/stats.js'),
    import('../../format/reports/stats.js'),
  ]);
  const {add, bytes, rows} = createStats();
  const shown = {...options, columns: undefined, output: undefined};
  return {
    add,
    bytes,
    async print() {
      for (const text of await formatReport(reportStats(rows()), shown, stderr)) stderr.write(text);
    },
  };
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
async function printBatches(
  events: AsyncIterable<readonly TraceEvent[]>,
  {format}: Formatter,
  output: Output,
  counter: Counter,
  {count = Infinity, stop}: PrintLimit,
): Promise<boolean> {
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

/** Prints events as printBatches() does, and the end of the document if the format has one. */
export async function printEvents(
  events: AsyncIterable<readonly TraceEvent[]>,
  formatter: Formatter,
  output: Output,
  counter: Counter,
  limit: PrintLimit = {},
): Promise<boolean> {
  const {head, foot} = formatter;
  if (head) output.setHead(head);
  const hasEnded = await printBatches(events, formatter, output, counter, limit);
  if (foot) output.add(foot());
  return hasEnded;
}
