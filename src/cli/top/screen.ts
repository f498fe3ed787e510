/** Live screen of `tcptrace top`: draws the meter's rows and handles keys. */
import type {ReadStream} from 'node:tty';
import type {Source} from '../../model/event.js';
import {formatActivity, formatTotals, pickActivity} from '../../format/reports/activity-table.js';
import type {Activity, ActivityMeter, Grouping} from '../../aggregate/activity.js';
import {type MaybeTerminal, resolveColorLevel} from '../../terminal/color.js';
import {createJobControl} from '../../terminal/job-control.js';
import {createKeyboard, type Key} from '../../terminal/keys.js';
import {createPaint} from '../../terminal/paint.js';
import {createScreen, type Terminal} from '../../terminal/screen.js';
import {cutEnd} from '../../terminal/width.js';
import type {TopOptions} from './options.js';
import type {RowNames} from './names.js';
import {exitBy} from '../run/signals.js';
import {describeKeys, formatClock, initialView, pressKey} from './view.js';

/** Size of a terminal that does not report one, such as a serial line. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_LINES = 24;

/** Shows a completed interval. */
export interface Display {
  readonly show: (meter: ActivityMeter) => Promise<void> | void;
  readonly close: () => void;
}

/** Content of the screen. */
interface Frame {
  readonly time: string;
  readonly rows: Readonly<Record<Grouping, readonly Activity[]>>;
  readonly lost: number;
}

/** @param stop called when a key requests to quit */
export function openScreen(
  options: TopOptions,
  probe: Source,
  names: RowNames,
  {stdin, stdout}: {readonly stdin: ReadStream; readonly stdout: Terminal & MaybeTerminal},
  stop: () => void,
): Display {
  const {intervalMs, rows: most = Infinity} = options;
  const paint = createPaint(resolveColorLevel(options.color, process.env, stdout));
  let view = initialView(options);
  let frame: Frame = {time: formatClock(), rows: {process: [], remote: []}, lost: 0};

  function draw(): void {
    const columns = stdout.columns || DEFAULT_COLUMNS;
    const lines = stdout.rows || DEFAULT_LINES;
    const {time, lost} = frame;
    const rows = frame.rows[view.grouping];
    const title = `tcptrace top  ${time}  ${probe}  ${formatTotals(rows, intervalMs, lost, probe)}`;
    const shown = pickActivity(rows, view, Math.min(lines - 3, most));
    void names.settle(shown, 0);
    const table = formatActivity(shown, view, intervalMs, paint, columns);
    const head = [title, describeKeys(view)].map((line) => cutEnd(line, columns));
    screen.draw([...head, ...table].slice(0, lines));
  }

  function leave(): void {
    keyboard.release();
    screen.suspend();
  }

  function enter(): void {
    screen.enter();
    keyboard.grab();
    draw();
  }

  function onKey(key: Key): void {
    if (key === 'interrupt' || (key === 'q' && !view.isTyping)) stop();
    else if (key === 'suspend') job.suspend();
    else {
      view = pressKey(view, key);
      draw();
    }
  }

  const screen = createScreen(stdout, draw);
  const keyboard = createKeyboard(stdin, onKey);
  const job = createJobControl(leave, enter);
  enter();
  // the default action would terminate the process without restoring the screen
  process.once('SIGQUIT', exitBy);
  return {
    show(meter) {
      if (view.isPaused) return;
      const rowsOf = (grouping: Grouping) => names.complete(meter.rows(grouping), grouping);
      const rows = {process: rowsOf('process'), remote: rowsOf('remote')};
      frame = {time: formatClock(), rows, lost: meter.lost()};
      draw();
    },
    close() {
      process.off('SIGQUIT', exitBy);
      job.release();
      keyboard.release();
      screen.leave();
    },
  };
}
