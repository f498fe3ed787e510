/** `tcptrace top` from options to exit code: a trace is joined to a screen, or to snapshots in a pipe. */
import type {ReadStream} from 'node:tty';
import {ExitCode} from '../model/errors.js';
import {formatActivity, formatTotals} from '../sinks/activity-table.js';
import {createActivityMeter} from '../sinks/activity.js';
import {createOutput, type Output} from '../sinks/output.js';
import {createPaint} from '../terminal/paint.js';
import type {Terminal} from '../terminal/screen.js';
import {trace as openTrace} from '../trace.js';
import {createNotices} from './notices.js';
import {warnOfFallback} from './reports.js';
import {createStopper, type Stopper} from './stop.js';
import type {TopOptions} from './top-options.js';
import {type Display, openScreen} from './top-screen.js';
import {formatClock, initialView} from './top-view.js';
import type {Streams} from './watch-session.js';

export interface TopStreams extends Streams {
  readonly stdin: ReadStream;
  readonly stdout: Streams['stdout'] & Terminal;
}

function openSnapshots(options: TopOptions, output: Output, stopper: Stopper): Display {
  const {intervalMs, rows: lines, count = Infinity} = options;
  const paint = createPaint(options.color === 'always' ? 1 : 0);
  const view = initialView(options);
  const room = {columns: Infinity, lines: lines + 1};
  let left = count;
  return {
    async show(meter) {
      const rows = meter.rows(view.grouping);
      const table = formatActivity(rows, view, intervalMs, paint, room);
      output.add(
        `${formatClock()}  ${formatTotals(rows, intervalMs, meter.lost())}\n${table.join('\n')}\n\n`,
      );
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
    warnOfFallback(trace, options.intervalMs, createNotices(stderr, false));
    const isLive = stdout.isTTY === true && stdin.isTTY;
    const output = createOutput(stdout);
    stopper.follow(output.closed);
    if (options.durationMs !== undefined) stopper.after(options.durationMs);
    if (!isLive) say(`tracing with ${trace.probe} (ready)`);
    const shown = isLive
      ? openScreen(options, trace.probe, streams, stopper.stop)
      : openSnapshots(options, output, stopper);
    display = shown;

    const meter = createActivityMeter();
    let failure: unknown;
    timer = setInterval(() => {
      meter.tick();
      Promise.resolve(shown.show(meter)).catch((error: unknown) => {
        failure = error;
        stopper.stop();
      });
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
