/** `tcptrace top` from options to exit code: a trace is joined to a screen, or to snapshots in a pipe. */
import type {ReadStream} from 'node:tty';
import {ExitCode} from '../model/errors.js';
import {formatActivity, formatTotals} from '../sinks/activity-table.js';
import {type Activity, createActivityMeter} from '../sinks/activity.js';
import {createOutput, type Output} from '../sinks/output.js';
import {resolveColorLevel} from '../terminal/color.js';
import {createKeyboard, type Key} from '../terminal/keys.js';
import {createPaint} from '../terminal/paint.js';
import {createScreen, type Terminal} from '../terminal/screen.js';
import {cutEnd} from '../terminal/width.js';
import {trace as openTrace, type Trace} from '../trace.js';
import {createNotices} from './notices.js';
import {explainFallback} from './reports.js';
import {createStopper, type Stopper} from './stop.js';
import type {TopOptions} from './top-options.js';
import {describeKeys, pressKey, type TopView} from './top-view.js';
import type {Streams} from './watch-session.js';

export interface TopStreams extends Streams {
  readonly stdin: ReadStream;
  readonly stdout: Streams['stdout'] & Terminal;
}

/** What shows an interval that has ended; says whether it is to go on. */
interface Display {
  readonly show: (rows: (view: TopView) => readonly Activity[], lost: number) => Promise<void> | void;
  readonly close: () => void;
}

const now = (): string => new Date().toTimeString().slice(0, 'HH:MM:SS'.length);

function openScreen(
  options: TopOptions,
  {probe}: Trace,
  {stdin, stdout}: TopStreams,
  stopper: Stopper,
): Display {
  const {grouping, sort, intervalMs} = options;
  const paint = createPaint(resolveColorLevel(options.color, process.env, stdout));
  let view: TopView = {grouping, sort, filter: '', isPaused: false, isTyping: false};
  let read: (view: TopView) => readonly Activity[] = () => [];
  let lost = 0;
  let time = now();

  function draw(): void {
    const {columns, rows: lines} = stdout;
    const rows = read(view);
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
    if (key === 'interrupt' || (key === 'q' && !view.isTyping)) stopper.stop();
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
    show(rows, lostNow) {
      if (view.isPaused) return;
      const shown = {
        process: rows({...view, grouping: 'process'}),
        remote: rows({...view, grouping: 'remote'}),
      };
      read = ({grouping: by}) => shown[by];
      lost = lostNow;
      time = now();
      draw();
    },
    close() {
      keyboard.release();
      screen.leave();
    },
  };
}

function openSnapshots(options: TopOptions, output: Output, stopper: Stopper): Display {
  const {grouping, sort, intervalMs, rows: lines, count = Infinity} = options;
  const paint = createPaint(options.color === 'always' ? 1 : 0);
  const view: TopView = {grouping, sort, filter: '', isPaused: false, isTyping: false};
  const room = {columns: Infinity, lines: lines + 1};
  let left = count;
  return {
    async show(read, lost) {
      const rows = read(view);
      const table = formatActivity(rows, view, intervalMs, paint, room);
      output.add(`${now()}  ${formatTotals(rows, intervalMs, lost)}\n${table.join('\n')}\n\n`);
      await output.flush();
      left -= 1;
      if (left <= 0) stopper.stop();
    },
    close: () => undefined,
  };
}

/**
 * Runs until `q`, a signal, the end of the time or the count, or the reader's going away.
 *
 * @throws TcptraceError where nothing could be attached, or the output failed
 */
export async function top(options: TopOptions, streams: TopStreams): Promise<ExitCode> {
  const {stdin, stdout, stderr} = streams;
  const stopper = createStopper();
  let display: Display | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    const limits = {...options.limits, outputFd: stdout.fd};
    const trace = openTrace({...options, limits, signal: stopper.signal});
    const say = createNotices(stderr, options.quiet);
    if (trace.probe === 'proc' && trace.why !== undefined)
      say(explainFallback(trace.why, options.intervalMs));
    const isLive = stdout.isTTY === true && stdin.isTTY;
    const output = createOutput(stdout);
    stopper.follow(output.closed);
    if (options.durationMs !== undefined) stopper.after(options.durationMs);
    if (!isLive) say(`tracing with ${trace.probe} (ready)`);
    const shown = isLive
      ? openScreen(options, trace, streams, stopper)
      : openSnapshots(options, output, stopper);
    display = shown;

    const meter = createActivityMeter();
    let failure: unknown;
    timer = setInterval(() => {
      meter.tick();
      Promise.resolve(shown.show(({grouping}) => meter.rows(grouping), meter.lost())).catch(
        (error: unknown) => {
          failure = error;
          stopper.stop();
        },
      );
    }, options.intervalMs);
    for await (const batch of trace.events) for (const event of batch) meter.add(event);
    if (failure !== undefined) throw failure as Error;
    if (!isLive) await output.end();
    return ExitCode.DONE;
  } finally {
    clearInterval(timer);
    display?.close();
    stopper.release();
  }
}
