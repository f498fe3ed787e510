/** Runs one source in its own process, so that its CPU time and memory can be measured. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {constants} from 'node:os';
import type {Readable} from 'node:stream';
import {setTimeout} from 'node:timers/promises';
import {getSystemErrorName} from 'node:util';
import {parse} from 'ndjson';
import {createLedger, type Ledger} from '../../compare/ledger.js';
import type {Cost} from '../../compare/report.js';
import {createFilterCheck} from '../../compare/filter-check.js';
import {ExitCode, TcptraceError} from '../../model/errors.js';
import type {TraceEvent} from '../../model/event.js';
import type {FlowEvent} from '../../model/flow.js';
import {parseTimeUs} from '../../model/units/time.js';
import type {SocketFilter} from '../../filter/filter.js';
import {loadAddon} from '../../kernel/addon.js';
import {findSocketDescriptor} from '../../procfs/descriptors.js';
import {readNetfilterListener} from '../../procfs/tcp/netlink.js';
import {readUsage, type Usage} from '../../procfs/usage.js';
import {startConntrack} from '../../sources/conntrack.js';
import {createSpool, type Spool} from '../../sources/spool.js';
import type {TraceRecord} from '../io/trace-log.js';
import {readLines} from '../../sources/recording/recorded-lines.js';

export interface TracerProcess {
  readonly name: string;
  readonly ledger: Ledger;
  /** Notices and errors of the process. */
  readonly problems: readonly string[];
  /** CPU time and memory used since it was ready. */
  measure(): Cost | undefined;
  /** Events lost so far, if the events do not report losses themselves; else undefined. */
  countLost(): number | undefined;
  /** Stops the process and waits until all its events have been read. */
  stop(): Promise<void>;
}

/** Kills the child when this process exits. */
function killAtExit(child: ChildProcess): void {
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('close', () => process.off('exit', kill));
}

/** An event, and when its source reported it, in microseconds since the epoch; undefined if unknown. */
interface Reported {
  readonly event: TraceEvent | FlowEvent;
  readonly reportedUs: number | undefined;
}

/** Collects the events of a child. @param read reads them, after its exit */
function collect(
  child: ChildProcess,
  read: () => AsyncIterable<Reported>,
  spool: Spool,
  problems: string[],
): Omit<TracerProcess, 'name'> {
  const ledger = createLedger();
  const closed = once(child, 'close');
  const before = child.pid === undefined ? undefined : readUsage(child.pid);

  function since({cpuMs, peakRssBytes}: Usage): Cost {
    return {cpuMs: cpuMs - (before?.cpuMs ?? 0), peakRssBytes};
  }

  return {
    ledger,
    problems,
    measure() {
      const usage = child.pid === undefined ? undefined : readUsage(child.pid);
      return usage && since(usage);
    },
    countLost: () => undefined,
    async stop() {
      child.kill('SIGINT');
      const [code, signal] = (await closed) as [number | null, NodeJS.Signals | null];
      if (code !== 0)
        problems.push(`exited with ${signal ?? `code ${String(code)}`}: its events are incomplete`);
      if (spool.isDiskFull()) problems.push('no space left for temporary files: its events are incomplete');
      for await (const {event, reportedUs} of read()) ledger.add(event, reportedUs);
    },
  };
}

type WrittenRecord = Extract<TraceRecord, {type: 'written'}>;

/** @param writes of the child, in order */
async function* readEvents(spool: Spool, writes: readonly WrittenRecord[]): AsyncGenerator<Reported> {
  let [count, at] = [0, 0];
  for await (const {event} of readLines(spool.read())) {
    if (event === undefined) continue;
    count += 1;
    while ((writes[at]?.events ?? Infinity) < count) at += 1;
    yield {event, reportedUs: writes[at]?.timeUs};
  }
}

const POLL_MS = 5;

/** Longest time to wait for conntrack to subscribe, and to read its queue. */
const CONNTRACK_TIMEOUT_MS = 2000;

/** Descriptor of the child on which it reports. */
const REPORT_FD = 3;

/** Resolves with the name of the probe when it is attached. */
function ready(child: ChildProcess, problems: string[], writes: WrittenRecord[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const reports = child.stdio[REPORT_FD] as Readable;
    reports.pipe(parse()).on('data', (record: TraceRecord) => {
      if (record.type === 'ready') resolve(record.probe);
      else if (record.type === 'written') writes.push(record);
      else if (record.type === 'notice') problems.push(record.text);
      else if (record.type === 'error') problems.push(record.message);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      const reason = problems.at(-1) ?? `tcptrace exited with code ${String(code)}`;
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
  const spool = createSpool();
  const child = spawn(
    process.execPath,
    [program, 'watch', '--ndjson', `--report-fd=${String(REPORT_FD)}`, ...flags],
    {
      stdio: ['ignore', spool.fd, 'inherit', 'pipe'],
      // ctrl-C must not reach it: stop() signals it
      detached: true,
    },
  );
  killAtExit(child);
  const problems: string[] = [];
  const writes: WrittenRecord[] = [];
  const name = await ready(child, problems, writes);
  return {name, ...collect(child, () => readEvents(spool, writes), spool, problems)};
}

/** Size of conntrack's receive buffer, large enough for a burst of events while conntrack prints. */
const BUFFER_BYTES = 32 * 2 ** 20;

/** Enlarges the buffer of the subscription: conntrack 1.4.7 applies its --buffer-size to another socket. */
function enlargeBuffer(pid: number, inode: number, problems: string[]): void {
  const fd = findSocketDescriptor(pid, inode);
  const errno =
    fd === undefined ? constants.errno.ENOENT : loadAddon().setReceiveBuffer(pid, fd, BUFFER_BYTES);
  if (errno !== 0)
    problems.push(`cannot enlarge its buffer, so it loses more: ${getSystemErrorName(-errno)}`);
}

/** Waits until the kernel lists the netlink subscription of conntrack, which prints nothing when it is ready. */
async function subscribed(child: ChildProcess, pid: number, problems: string[]): Promise<void> {
  const over = new AbortController();
  child.once('close', () => {
    over.abort();
  });
  let listener;
  for (let waited = 0; (listener = readNetfilterListener(pid)) === undefined; waited += POLL_MS) {
    if (over.signal.aborted)
      throw new TcptraceError(`conntrack: ${problems.at(-1) ?? 'exited at once'}`, ExitCode.UNSUPPORTED);
    if (waited >= CONNTRACK_TIMEOUT_MS) {
      problems.push('cannot tell whether conntrack is subscribed; its losses are unknown');
      return;
    }
    await setTimeout(POLL_MS);
  }
  enlargeBuffer(pid, listener.inode, problems);
}

/** Waits until conntrack has read its queue; it would exit without reading the rest, which would look like misses. */
async function caughtUp(pid: number): Promise<void> {
  for (let waited = 0; waited < CONNTRACK_TIMEOUT_MS; waited += POLL_MS) {
    if ((readNetfilterListener(pid)?.unreadBytes ?? 0) === 0) break;
    await setTimeout(POLL_MS);
  }
  // time to print what it has just read
  await setTimeout(POLL_MS);
}

/** Yields the flows that pass. Their time is the time at which conntrack printed them. */
async function* readFlows(
  flows: AsyncIterable<FlowEvent>,
  passes: (flow: FlowEvent) => boolean,
): AsyncGenerator<Reported> {
  for await (const event of flows) if (passes(event)) yield {event, reportedUs: parseTimeUs(event.time)};
}

/**
 * Starts `conntrack` and waits until it is ready.
 *
 * @throws TcptraceError (not supported) if conntrack is not installed or cannot work here
 */
export async function watchConntrack(filter: SocketFilter): Promise<TracerProcess> {
  const spool = createSpool();
  const {process: child, read, problems} = startConntrack(spool);
  const {pid} = child;
  if (pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error];
    throw new TcptraceError(`conntrack: ${error.message}`, ExitCode.UNSUPPORTED);
  }
  killAtExit(child);
  await subscribed(child, pid, problems);
  const passes = createFilterCheck(filter);
  const watcher = collect(child, () => readFlows(read(), passes), spool, problems);
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
