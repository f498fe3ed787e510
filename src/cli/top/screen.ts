/** Live screen of `tcptrace top`: draws the meter's rows and handles keys. */
import type {ReadStream} from 'node:tty';
import {formatActivity, formatTotals, pickActivity} from '../../format/reports/activity-table.js';
import type {Activity} from '../../aggregate/activity-row.js';
import {type ActivityMeter, type Grouping, GROUPINGS} from '../../aggregate/activity.js';
import {notationOf} from '../../format/notation.js';
import {formatNow} from '../../kernel/clock.js';
import {type MaybeTerminal, resolveColorLevel} from '../../terminal/color.js';
import type {Key} from '../../terminal/keys.js';
import {createPaint} from '../../terminal/paint.js';
import type {Terminal} from '../../terminal/screen.js';
import {cutEnd} from '../../terminal/width.js';
import {createFullScreen} from './full-screen.js';
import type {ShownOptions} from './options.js';
import type {RowNames} from './names.js';
import {createClock, describeKeys, initialView, pressKey} from './view.js';

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

function frameOf(meter: ActivityMeter, names: RowNames, time: string): Frame {
  const rows = rowsOf((grouping) => names.complete(meter.rows(grouping), grouping));
  return {time, rows, lost: meter.lost()};
}

function sizeOf({columns, rows}: Terminal): {readonly columns: number; readonly lines: number} {
  return {columns: columns || DEFAULT_COLUMNS, lines: rows || DEFAULT_LINES};
}

/** Returns the options of the table that stay the same. */
function styleOf({color, exact, header}: ShownOptions, stdout: MaybeTerminal) {
  const paint = createPaint(resolveColorLevel(color, process.env, stdout));
  return {paint, notation: notationOf(exact), header};
}

/** Takes over the terminal and shows the table. @param stop called when a key requests to quit */
export function openScreen(
  options: ShownOptions,
  names: RowNames,
  {stdin, stdout}: {readonly stdin: ReadStream; readonly stdout: Terminal & MaybeTerminal},
  stop: () => void,
): Display {
  const {intervalMs, source, rows: most = Infinity} = options;
  const shownAs = styleOf(options, stdout);
  let view = initialView(options);
  const clock = createClock(options.time);
  let frame: Frame = {time: clock(formatNow()), rows: rowsOf(() => []), lost: 0};

  function draw(): void {
    const {columns, lines} = sizeOf(stdout);
    const rows = frame.rows[view.grouping];
    const totals = formatTotals(rows, intervalMs, frame.lost, source);
    const head = [`tcptrace top  ${frame.time}  ${source}  ${totals}`, describeKeys(view)];
    const shown = pickActivity(rows, view, Math.min(lines - HEAD_LINES, most));
    void names.settle(shown, 0);
    const table = formatActivity(shown, view, intervalMs, {...shownAs, width: columns});
    terminal.draw([...head.map((line) => cutEnd(line, columns)), ...table].slice(0, lines));
  }

  function onKey(key: Key): void {
    if (key === 'interrupt' || (key === 'q' && !view.isTyping)) {
      stop();
      return;
    }
    view = pressKey(view, key);
    draw();
  }

  const terminal = createFullScreen(stdin, stdout, draw, onKey);
  terminal.enter();
  return {
    show(meter) {
      if (view.isPaused) return;
      frame = frameOf(meter, names, clock(formatNow()));
      draw();
    },
    close: terminal.leave,
  };
}
