/** One way of tracing in a process of its own, so that its CPU time and memory are its own. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {createLedger, type Ledger} from '../compare/ledger.js';
import type {Cost} from '../compare/report.js';
import {ExitCode, TcptraceError} from '../model/errors.js';
import type {TraceEvent} from '../model/event.js';
import {readUsage, type Usage} from '../procfs/usage.js';
import {startConntrack} from '../sources/conntrack.js';
import {readRecording} from '../sources/recording.js';

export interface Watcher {
  readonly name: string;
  readonly ledger: Ledger;
  /** What the program has said besides its events. */
  readonly complaints: readonly string[];
  /** What it has used since it was ready, up to now. */
  measure(): Cost | undefined;
  /** Asks it to end, and waits until all that it saw has come. */
  stop(): Promise<void>;
}

/** Microseconds since the epoch. */
export function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

function collect(
  child: ChildProcess,
  events: AsyncIterable<TraceEvent | undefined>,
  complaints: string[],
): Pick<Watcher, 'ledger' | 'complaints' | 'measure' | 'stop'> {
  const ledger = createLedger();
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const reading = (async () => {
    for await (const event of events) if (event !== undefined) ledger.add(event, nowUs());
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
    async stop() {
      child.kill('SIGINT');
      await reading;
      const [code, signal] = (await closed) as [number | null, NodeJS.Signals | null];
      process.off('exit', kill);
      if (code !== 0)
        complaints.push(`ended with ${signal ?? `code ${String(code)}`}: what it saw is not complete`);
    },
  };
}

async function* eventsOf(child: ChildProcess): AsyncGenerator<TraceEvent | undefined> {
  if (child.stdout !== null) for await (const {event} of readRecording(child.stdout)) yield event;
}

/** The last line of `watch`, which the report says better. */
const SUMMARY = / by \w+ in [\d.]+ s$/;

/** Resolves with the name of the probe when it is attached. */
function ready(child: ChildProcess, complaints: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stderr === null) return;
    createInterface({input: child.stderr}).on('line', (line) => {
      const text = line.replace(/^tcptrace: /, '');
      const probe = /^tracing with (\w+) \(ready\)$/.exec(text)?.[1];
      if (probe !== undefined) resolve(probe);
      else if (!SUMMARY.test(text)) complaints.push(text);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      const reason = complaints.at(-1) ?? `tcptrace ended with code ${String(code)}`;
      reject(
        new TcptraceError(reason, code === ExitCode.UNSUPPORTED ? ExitCode.UNSUPPORTED : ExitCode.FAILURE),
      );
    });
  });
}

/**
 * `tcptrace watch` with these flags, when it is ready.
 *
 * @param program that of bin/
 * @throws TcptraceError where it ends before
 */
export async function startWatch(
  flags: readonly string[],
  program = process.argv[1] ?? '',
): Promise<Watcher> {
  const child = spawn(process.execPath, [program, 'watch', '--ndjson', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // ctrl-C is for us to pass on
    detached: true,
  });
  const complaints: string[] = [];
  const name = await ready(child, complaints);
  return {name, ...collect(child, eventsOf(child), complaints)};
}

/** @throws TcptraceError (not supported) where there is no such program */
export function watchConntrack(): Watcher {
  const {process: child, events, complaints} = startConntrack();
  return {name: 'conntrack', ...collect(child, events, complaints)};
}
