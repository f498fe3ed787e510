/** Runs one source in its own process, so that its CPU time and memory can be measured. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import type {Readable} from 'node:stream';
import {setTimeout} from 'node:timers/promises';
import {createLedger, type Ledger} from '../../compare/ledger.js';
import type {Cost} from '../../compare/report.js';
import {createWantedCheck} from '../../compare/wanted.js';
import {ExitCode, TcptraceError} from '../../model/errors.js';
import type {TraceEvent} from '../../model/event.js';
import type {SocketFilter} from '../../filter/filter.js';
import {readNetfilterListener} from '../../procfs/tcp/netlink.js';
import {readUsage, type Usage} from '../../procfs/usage.js';
import {startConntrack} from '../../sources/conntrack.js';
import type {TraceRecord} from '../io/trace-log.js';
import {readLines} from '../../sources/recording/recorded-lines.js';

export interface TracerProcess {
  readonly name: string;
  readonly ledger: Ledger;
  /** Notices and errors of the process. */
  readonly complaints: readonly string[];
  /** CPU time and memory used since it was ready. */
  measure(): Cost | undefined;
  /** Events lost so far, if the events do not report losses themselves; else undefined. */
  countLost(): number | undefined;
  /** Stops the process and waits until all its events have been read. */
  stop(): Promise<void>;
}

/** Kills the child when this process exits. */
function endWithUs(child: ChildProcess): void {
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('close', () => process.off('exit', kill));
}

/** A larger difference between Date.now() and the monotonic clock means that the wall clock was set. */
const DRIFT_MS = 2;

let originMs = performance.timeOrigin;

/** Microseconds since the epoch by the wall clock, as in events. */
export function nowUs(): number {
  const elapsedMs = performance.now();
  const wallMs = Date.now();
  if (Math.abs(originMs + elapsedMs - wallMs) > DRIFT_MS) originMs = wallMs - elapsedMs;
  return Math.round((originMs + elapsedMs) * 1000);
}

function collect(
  child: ChildProcess,
  events: AsyncIterable<TraceEvent | undefined>,
  complaints: string[],
  wanted: (event: TraceEvent) => boolean = () => true,
): Omit<TracerProcess, 'name'> {
  const ledger = createLedger();
  const reading = (async () => {
    for await (const event of events) if (event !== undefined && wanted(event)) ledger.add(event, nowUs());
  })();
  const closed = once(child, 'close');
  const before = child.pid === undefined ? undefined : readUsage(child.pid);

  function since({cpuMs, peakRssBytes}: Usage): Cost {
    return {cpuMs: cpuMs - (before?.cpuMs ?? 0), peakRssBytes};
  }

  return {
    ledger,
    complaints,
    measure() {
      const usage = child.pid === undefined ? undefined : readUsage(child.pid);
      return usage && since(usage);
    },
    countLost: () => undefined,
    async stop() {
      child.kill('SIGINT');
      await reading;
      const [code, signal] = (await closed) as [number | null, NodeJS.Signals | null];
      if (code !== 0)
        complaints.push(`exited with ${signal ?? `code ${String(code)}`}: its events are incomplete`);
    },
  };
}

async function* eventsOf(child: ChildProcess): AsyncGenerator<TraceEvent | undefined> {
  if (child.stdout !== null) for await (const {event} of readLines(child.stdout)) yield event;
}

const POLL_MS = 5;

/** Longest time to wait for the state of conntrack. */
const PATIENCE_MS = 2000;

/** Descriptor of the child on which it reports. */
const REPORT_FD = 3;

/** Resolves with the name of the probe when it is attached. */
function ready(child: ChildProcess, complaints: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const reports = child.stdio[REPORT_FD] as Readable;
    createInterface({input: reports}).on('line', (line) => {
      const record = JSON.parse(line) as TraceRecord;
      if (record.type === 'ready') resolve(record.probe);
      else if (record.type === 'notice') complaints.push(record.text);
      else if (record.type === 'error') complaints.push(record.message);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      const reason = complaints.at(-1) ?? `tcptrace exited with code ${String(code)}`;
      reject(
        new TcptraceError(reason, code === ExitCode.UNSUPPORTED ? ExitCode.UNSUPPORTED : ExitCode.FAILURE),
      );
    });
  });
}

/**
 * Starts `tcptrace watch` with these flags and waits until it is ready.
 *
 * @param program path of the tcptrace program in bin/
 * @throws TcptraceError if it exits before
 */
export async function startWatch(
  flags: readonly string[],
  program = process.argv[1] ?? '',
): Promise<TracerProcess> {
  const child = spawn(
    process.execPath,
    [program, 'watch', '--ndjson', `--report-fd=${String(REPORT_FD)}`, ...flags],
    {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      // ctrl-C must not reach it: stop() signals it
      detached: true,
    },
  );
  endWithUs(child);
  const complaints: string[] = [];
  const name = await ready(child, complaints);
  return {name, ...collect(child, eventsOf(child), complaints)};
}

/** Waits until the kernel lists the netlink subscription of conntrack, which prints nothing when it is ready. */
async function subscribed(child: ChildProcess, pid: number, complaints: string[]): Promise<void> {
  const over = new AbortController();
  child.once('close', () => {
    over.abort();
  });
  for (let waited = 0; readNetfilterListener(pid) === undefined; waited += POLL_MS) {
    if (over.signal.aborted)
      throw new TcptraceError(`conntrack: ${complaints.at(-1) ?? 'exited at once'}`, ExitCode.UNSUPPORTED);
    if (waited >= PATIENCE_MS) {
      complaints.push('cannot tell whether conntrack is subscribed; its losses are unknown');
      return;
    }
    await setTimeout(POLL_MS);
  }
}

/** Waits until conntrack has read its queue; it would exit without reading the rest, which would look like misses. */
async function caughtUp(pid: number): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
    if ((readNetfilterListener(pid)?.unreadBytes ?? 0) === 0) break;
    await setTimeout(POLL_MS);
  }
  // time to print what it has just read
  await setTimeout(POLL_MS);
}

/**
 * Starts `conntrack` and waits until it is ready.
 *
 * @throws TcptraceError (not supported) if conntrack is not installed or cannot work here
 */
export async function watchConntrack(filter: SocketFilter): Promise<TracerProcess> {
  const {process: child, events, complaints} = startConntrack();
  const {pid} = child;
  if (pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error];
    throw new TcptraceError(`conntrack: ${error.message}`, ExitCode.UNSUPPORTED);
  }
  endWithUs(child);
  await subscribed(child, pid, complaints);
  const watcher = collect(child, events, complaints, createWantedCheck(filter));
  return {
    ...watcher,
    name: 'conntrack',
    countLost: () => readNetfilterListener(pid)?.drops,
    async stop() {
      await caughtUp(pid);
      await watcher.stop();
    },
  };
}
