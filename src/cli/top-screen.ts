/** The live screen of `tcptrace top`: draws what the meter says, and does what keys ask for. */
import type {ReadStream} from 'node:tty';
import {formatActivity, formatTotals} from '../sinks/activity-table.js';
import type {Activity, ActivityMeter, Grouping} from '../sinks/activity.js';
import {type MaybeTerminal, resolveColorLevel} from '../terminal/color.js';
import {createKeyboard, type Key} from '../terminal/keys.js';
import {createPaint} from '../terminal/paint.js';
import {createScreen, type Terminal} from '../terminal/screen.js';
import {cutEnd} from '../terminal/width.js';
import type {TopOptions} from './top-options.js';
import {describeKeys, formatClock, initialView, pressKey} from './top-view.js';

/** What shows an interval that has ended. */
export interface Display {
  readonly show: (meter: ActivityMeter) => Promise<void> | void;
  readonly close: () => void;
}

/** What is on the screen. */
interface Frame {
  readonly time: string;
  readonly rows: Readonly<Record<Grouping, readonly Activity[]>>;
  readonly lost: number;
}

/** @param stop called where a key asks for the end */
export function openScreen(
  options: TopOptions,
  probe: string,
  {stdin, stdout}: {readonly stdin: ReadStream; readonly stdout: Terminal & MaybeTerminal},
  stop: () => void,
): Display {
  const {intervalMs} = options;
  const paint = createPaint(resolveColorLevel(options.color, process.env, stdout));
  let view = initialView(options);
  let frame: Frame = {time: formatClock(), rows: {process: [], remote: []}, lost: 0};

  function draw(): void {
    const {columns, rows: lines} = stdout;
    const {time, lost} = frame;
    const rows = frame.rows[view.grouping];
    const title = `tcptrace top  ${time}  ${probe}  ${formatTotals(rows, intervalMs, lost)}`;
    const table = formatActivity(rows, view, intervalMs, paint, {columns, lines: lines - 2});
    screen.draw([cutEnd(title, columns), cutEnd(describeKeys(view), columns), ...table]);
  }

  /** Gives the terminal to the shell until it brings us back. */
  function suspend(): void {
    keyboard.release();
    screen.suspend();
    process.once('SIGCONT', () => {
      screen.enter();
      keyboard.grab();
      draw();
    });
    process.kill(process.pid, 'SIGSTOP');
  }

  function onKey(key: Key): void {
    if (key === 'interrupt' || (key === 'q' && !view.isTyping)) stop();
    else if (key === 'suspend') suspend();
    else {
      view = pressKey(view, key);
      draw();
    }
  }

  const screen = createScreen(stdout, draw);
  const keyboard = createKeyboard(stdin, onKey);
  keyboard.grab();
  draw();
  return {
    show(meter) {
      if (view.isPaused) return;
      const rows = {process: meter.rows('process'), remote: meter.rows('remote')};
      frame = {time: formatClock(), rows, lost: meter.lost()};
      draw();
    },
    close() {
      keyboard.release();
      screen.leave();
    },
  };
}
