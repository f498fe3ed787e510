/** `tcptrace top` from options to exit code: connects a trace to a screen, or to snapshots in a pipe. */
import type {ReadStream} from 'node:tty';
import {ExitCode} from '../../model/errors.js';
import type {Source} from '../../model/event.js';
import {formatActivity, formatTotals, pickActivity} from '../../format/reports/activity-table.js';
import {type ActivityMeter, createActivityMeter} from '../../aggregate/activity.js';
import {createOutput, type Output} from '../../output/output.js';
import {resolveColorLevel} from '../../terminal/color.js';
import {createPaint} from '../../terminal/paint.js';
import {hasScreen, type Terminal} from '../../terminal/screen.js';
import {unblock} from '../../terminal/unblock.js';
import {trace as openTrace} from '../../trace.js';
import {pickTraceOptions} from '../../trace-options.js';
import {createNotices} from '../io/notices.js';
import {warnOfFallback} from '../io/trace-report.js';
import {createStopper, type Stopper} from '../run/signals.js';
import type {TopOptions} from './options.js';
import {createRowNames, type RowNames} from './names.js';
import {type Display, openScreen} from './screen.js';
import {formatClock, initialView} from './view.js';
import type {Streams} from '../io/streams.js';

export interface TopStreams extends Streams {
  readonly stdin: ReadStream;
  readonly stdout: Streams['stdout'] & Terminal;
}

const DEFAULT_ROWS = 20;

/** Longest time that a snapshot waits for names. */
const MAX_DELAY_MS = 200;

function openSnapshots(
  options: TopOptions,
  probe: Source,
  names: RowNames,
  output: Output,
  stdout: TopStreams['stdout'],
): Display {
  const {intervalMs, rows: lines = DEFAULT_ROWS} = options;
  const paint = createPaint(resolveColorLevel(options.color, process.env, stdout));
  const view = initialView(options);
  return {
    async show(meter) {
      const {grouping} = view;
      const rows = meter.rows(grouping);
      const picked = pickActivity(rows, view, lines);
      await names.settle(picked, MAX_DELAY_MS);
      const table = formatActivity(names.complete(picked, grouping), view, intervalMs, paint, Infinity);
      output.add(
        `${formatClock()}  ${formatTotals(rows, intervalMs, meter.lost(), probe)}\n${table.join('\n')}\n\n`,
      );
      await output.flush();
    },
    close: () => undefined,
  };
}

/** Shows the table every interval; stops the trace after `count` snapshots or a failure. */
function startShowing(
  shown: Display,
  meter: ActivityMeter,
  {intervalMs, count = Infinity}: TopOptions,
  stopper: Stopper,
) {
  let failure: unknown;
  let left = count;
  let begin = performance.now();
  let isLate = false;
  let showing: Promise<void> | undefined;
  async function showNow(): Promise<void> {
    const now = performance.now();
    const intervals = Math.max(1, Math.round((now - begin) / intervalMs));
    // after SIGSTOP, events that happened meanwhile must be read first
    isLate = intervals > 2 && !isLate;
    if (isLate) return;
    begin = now;
    meter.tick(intervals);
    left -= 1;
    // detaching may take longer than an interval
    if (left <= 0) clearInterval(timer);
    await shown.show(meter);
    if (left <= 0) stopper.stop();
  }
  /** Skips an interval if the previous snapshot is still being written; the next one includes it. */
  async function show(): Promise<void> {
    if (showing !== undefined) return;
    showing = showNow();
    await showing;
    showing = undefined;
  }
  const timer = setInterval(() => {
    show().catch((error: unknown) => {
      failure = error;
      stopper.stop();
    });
  }, intervalMs);
  return {
    stop(): void {
      clearInterval(timer);
    },
    /** Shows the last, partial interval if --duration stopped the trace. @throws the error of a failed snapshot */
    async finish(): Promise<void> {
      clearInterval(timer);
      await showing?.catch(() => undefined);
      if (failure !== undefined) throw failure as Error;
      if (!stopper.isTimeOver() || !meter.hasNews()) return;
      meter.tick((performance.now() - begin) / intervalMs);
      await shown.show(meter);
    },
  };
}

/**
 * Runs until `q`, a signal, --duration or --count, or until the reader of the output closes it.
 *
 * @throws TcptraceError if no probe could be attached, or the output failed
 */
export async function top(options: TopOptions, streams: TopStreams): Promise<ExitCode> {
  const {stdin, stdout, stderr} = streams;
  const stopper = createStopper();
  let display: Display | undefined;
  let names: RowNames | undefined;
  const notices: string[] = [];
  let showing: ReturnType<typeof startShowing> | undefined;
  try {
    const {names: wanted, ...traced} = options;
    const limits = {...options.limits, outputFd: stdout.fd};
    const trace = openTrace({...pickTraceOptions(traced), limits, signal: stopper.signal});
    const say = createNotices(stderr, options.quiet);
    warnOfFallback(trace, options.intervalMs, createNotices(stderr, false));
    const isLive = stdout.isTTY === true && stdin.isTTY && hasScreen(process.env.TERM);
    unblock(stdout);
    const output = createOutput(stdout);
    stopper.follow(output.closed);
    if (options.durationMs !== undefined) stopper.after(options.durationMs);
    if (!isLive) say(`tracing with ${trace.source} (ready)`);
    // a notice would overwrite the screen; print it at exit
    const sayThen = isLive ? (notice: string) => notices.push(notice) : say;
    for (const remark of options.remarks) sayThen(remark);
    names = createRowNames(wanted && {...wanted, say: sayThen});
    const {counts, ofProcess} = names;
    display = isLive
      ? openScreen(options, trace.source, names, streams, stopper.stop)
      : openSnapshots(options, trace.source, names, output, stdout);
    const meter = createActivityMeter(ofProcess);
    showing = startShowing(display, meter, options, stopper);
    let isFirst = isLive;
    for await (const batch of trace.events) {
      for (const event of batch) if (counts(event)) meter.add(event);
      // show preexisting connections at once, without waiting for the interval
      if (isFirst) await display.show(meter);
      isFirst = false;
    }
    await showing.finish();
    if (!isLive) await output.end();
    return ExitCode.DONE;
  } finally {
    showing?.stop();
    display?.close();
    names?.close();
    const say = createNotices(stderr, options.quiet);
    for (const notice of notices) say(notice);
    stopper.release();
  }
}
