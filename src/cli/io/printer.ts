/** Events to rows or lines, on stdout or in a file. */
import type {Writable} from 'node:stream';
import type {Format} from '../flags/formats.js';
import type {TraceEvent} from '../../model/event.js';
import type {ColumnName} from '../../format/columns.js';
import type {NameColumnName} from '../../format/name-columns.js';
import {createOutput, type Formatter, type Output} from '../../output/output.js';
import type {TimeStyle} from '../../format/times.js';
import {type ColorChoice, type MaybeTerminal, resolveColorLevel} from '../../terminal/color.js';
import {unblock} from '../../terminal/unblock.js';
import {findDescriptor, openDescriptor} from './inherited-fd.js';

/** What the output looks like, and where it goes. */
export interface OutputOptions {
  readonly format: Format;
  /** Of the table; undefined is as many as there is room for. */
  readonly columns: readonly ColumnName[] | undefined;
  readonly time: TimeStyle;
  readonly color: ColorChoice;
  /** File, instead of stdout. */
  readonly output: string | undefined;
  readonly rotateBytes: number | undefined;
  /** Of the names that are looked up: columns of the wide table. */
  readonly nameColumns: readonly NameColumnName[];
  /** Whether events may have names. */
  readonly withNames: boolean;
  /** Tables at the end, on stderr. */
  readonly stats: boolean;
}

/** What takes note of each event that is printed. */
export interface Counter {
  readonly add: (event: TraceEvent) => void;
}

/** What is printed at the end. */
export interface StatsPrinter extends Counter {
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

/** @throws TcptraceError where the file cannot be created */
export async function openOutput(
  {output, rotateBytes}: OutputOptions,
  streams: OutputStreams,
): Promise<Output> {
  const path = output ?? '/dev/stdout';
  const fd = findDescriptor(path);
  if (fd !== undefined && rotateBytes === undefined) return createOutput(openStream(fd, path, streams));
  const {createFileOutput} = await import('../../output/file.js');
  return createFileOutput({path, rotateBytes});
}

async function loadTable(
  {format, columns, nameColumns, time, color, output}: OutputOptions,
  stdout: Stdout,
): Promise<Formatter> {
  const [{createTable}, {createPaint}, {columnsFor, WIDE_COLUMNS}] = await Promise.all([
    import('../../format/table.js'),
    import('../../terminal/paint.js'),
    import('../../format/columns.js'),
  ]);
  const isTerminal = output === undefined && stdout.isTTY === true;
  const paint = createPaint(resolveColorLevel(output === undefined ? color : 'never', process.env, stdout));
  if (format === 'wide') return createTable(paint, {columns: [...WIDE_COLUMNS, ...nameColumns], time});
  // one that does not know its width says 0
  const width = (): number | undefined => (isTerminal && stdout.columns !== 0 ? stdout.columns : undefined);
  return createTable(paint, {columns: columns ?? columnsFor(width() ?? Infinity), time, width});
}

/** Loads only what is used; by then the probes are attached, so nothing is missed meanwhile. */
export async function loadFormat(form: OutputOptions, stdout: Stdout): Promise<Formatter> {
  switch (form.format) {
    case 'ndjson': {
      const {formatNdjson, formatNdjsonWithNames} = await import('../../format/ndjson.js');
      return {format: form.withNames ? formatNdjsonWithNames : formatNdjson};
    }
    case 'csv':
      return (await import('../../format/csv.js')).createCsv(form.withNames);
    default:
      return loadTable(form, stdout);
  }
}

/** Counts nothing where that was not asked for. */
export async function loadStats(
  {stats, color}: OutputOptions,
  stderr: Writable & MaybeTerminal,
): Promise<StatsPrinter> {
  if (!stats) return {add: () => undefined, print: () => undefined};
  const [{createStats}, {createPaint}] = await Promise.all([
    import('../../aggregate/stats.js'),
    import('../../terminal/paint.js'),
  ]);
  const {add, format} = createStats();
  const paint = createPaint(resolveColorLevel(color, process.env, stderr));
  return {add, print: () => void stderr.write(format(paint))};
}

/**
 * Prints events until they end, nothing can be written any more, or `count` of them are out.
 *
 * @returns true where they ended by themselves
 */
export async function printEvents(
  events: AsyncIterable<readonly TraceEvent[]>,
  {format, head}: Formatter,
  output: Output,
  counter: Counter,
  count = Infinity,
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
    if (left <= 0 || output.closed.aborted) return false;
  }
  return true;
}
