/** Live screen of `tcptrace top`: draws the meter's rows and handles keys. */
import type {ReadStream} from 'node:tty';
import {formatActivity, formatTotals, orderActivity} from '../../format/reports/activity/table.js';
import type {Activity} from '../../aggregate/activity-row.js';
import {type ActivityMeter, type Grouping, GROUPINGS} from '../../aggregate/activity.js';
import {notationOf} from '../../format/notation.js';
import type {Source} from '../../model/event.js';
import {formatNow} from '../../kernel/clock.js';
import {type MaybeTerminal, resolveColorLevel} from '../../terminal/color.js';
import type {Key} from '../../terminal/keys.js';
import {createPaint} from '../../terminal/paint.js';
import type {Terminal} from '../../terminal/screen.js';
import {cutEnd} from '../../terminal/width.js';
import {createFullScreen} from './full-screen.js';
import type {ShownOptions} from './options.js';
import type {RowNames} from './names.js';
import {
  clampOffset,
  createClock,
  describeKeys,
  describeRows,
  type Extent,
  initialView,
  KEY_LINES,
  pressKey,
  type TopView,
} from './view.js';

/** Size of a terminal that does not report one, such as a serial line. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_LINES = 24;

/** Title, help, and the table's header. */
const HEAD_LINES = 3;

/** Shows each completed interval, on a screen or as text. */
export interface Display {
  readonly show: (meter: ActivityMeter) => Promise<void> | void;
  readonly close: () => void;
}

/** The completed interval that the screen shows. */
interface Frame {
  readonly time: string;
  readonly rows: Readonly<Record<Grouping, readonly Activity[]>>;
  readonly lost: number;
}

function rowsOf(rows: (grouping: Grouping) => readonly Activity[]): Frame['rows'] {
  return Object.fromEntries(GROUPINGS.map((grouping) => [grouping, rows(grouping)])) as Frame['rows'];
}

function frameOf(meter: ActivityMeter, nameRows: RowNames['complete'], time: string): Frame {
  const rows = rowsOf((grouping) => nameRows(meter.rows(grouping), grouping));
  return {time, rows, lost: meter.lost()};
}

interface Size {
  readonly columns: number;
  readonly lines: number;
}

function sizeOf({columns, rows}: Terminal): Size {
  return {columns: columns || DEFAULT_COLUMNS, lines: rows || DEFAULT_LINES};
}

/** Returns the options of the table that stay the same. */
function styleOf({color, exact, header}: ShownOptions, stdout: MaybeTerminal) {
  const paint = createPaint(resolveColorLevel(color, process.env, stdout));
  return {paint, notation: notationOf(exact), header};
}

/** Actions of keys that concern more than the view. */
export interface Controls {
  readonly stop: () => void;
  readonly changeInterval: (intervalMs: number) => void;
}

/** Lines of a frame besides the head. */
interface Body {
  readonly lines: readonly string[];
  readonly extent: Extent;
}

/** Formats the rows that fit in `height` lines, with the table's header, and says how many more there are. */
function layOutRows(
  ordered: readonly Activity[],
  height: number,
  {offset}: TopView,
  format: (rows: readonly Activity[]) => readonly string[],
): Body {
  const total = ordered.length;
  // a line says how many rows there are
  const page = total > height && height > 1 ? height - 1 : Math.max(0, height);
  const extent = {total, page};
  const first = clampOffset(offset, extent);
  const footer = describeRows(first, extent);
  const lines = format(ordered.slice(first, first + page));
  return {lines: footer === undefined ? lines : [...lines, footer], extent};
}

type Style = ReturnType<typeof styleOf>;

/** Formats the table of a frame. */
function layOutTable(
  frame: Frame,
  view: TopView,
  {columns, lines}: Size,
  {style, most, settle}: {readonly style: Style; readonly most: number; readonly settle: RowNames['settle']},
): Body {
  const ordered = orderActivity(frame.rows[view.grouping], view).slice(0, most);
  return layOutRows(ordered, lines - HEAD_LINES, view, (rows) => {
    void settle(rows, 0);
    return formatActivity(rows, view, view.intervalMs, {...style, width: columns});
  });
}

/** Formats title and help, which may explain all keys. */
function formatHead({time, rows, lost}: Frame, view: TopView, source: Source): readonly string[] {
  const totals = formatTotals(rows[view.grouping], view.intervalMs, lost, source);
  const head = [`tcptrace top  ${time}  ${source}  ${totals}`, describeKeys(view)];
  return view.showsKeys ? [...head, ...KEY_LINES] : head;
}

/** Takes over the terminal and shows the table. */
export function openScreen(
  options: ShownOptions,
  {settle, complete}: Pick<RowNames, 'settle' | 'complete'>,
  {stdin, stdout}: {readonly stdin: ReadStream; readonly stdout: Terminal & MaybeTerminal},
  {stop, changeInterval}: Controls,
): Display {
  const {source, rows: most = Infinity} = options;
  const table = {style: styleOf(options, stdout), most, settle};
  const clock = createClock(options.time);
  let view = initialView(options);
  let frame: Frame = {time: clock(formatNow()), rows: rowsOf(() => []), lost: 0};
  let extent: Extent = {total: 0, page: 0};

  function draw(): void {
    const size = sizeOf(stdout);
    const body = layOutTable(frame, view, size, table);
    extent = body.extent;
    const head = formatHead(frame, view, source).map((line) => cutEnd(line, size.columns));
    terminal.draw([...head, ...(view.showsKeys ? [] : body.lines)].slice(0, size.lines));
  }

  function onKey(key: Key): void {
    if (key === 'interrupt' || (key === 'q' && !view.isTyping)) {
      stop();
      return;
    }
    const {intervalMs} = view;
    view = pressKey(view, key, extent);
    if (view.intervalMs !== intervalMs) changeInterval(view.intervalMs);
    draw();
  }

  const terminal = createFullScreen(stdin, stdout, draw, onKey);
  terminal.enter();
  return {
    show(meter) {
      if (view.isPaused) return;
      frame = frameOf(meter, complete, clock(formatNow()));
      draw();
    },
    close: terminal.leave,
  };
}
