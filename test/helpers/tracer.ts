/** Runs `tcptrace watch --ndjson` and collects its events and messages. */
import assert from 'node:assert/strict';
import {type ChildProcessByStdio, spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import type {Readable} from 'node:stream';
import {Actor} from './actor.js';
import {assertValidEvent} from './event-schema.js';
import {onLines} from './lines.js';
import {PROBE, ROOT, seconds} from './machine.js';
import type {Sock} from './sock.js';

/** One line of NDJSON. */
export interface TraceEvent extends Readonly<Record<string, unknown>> {
  readonly event: string;
  readonly inode?: number;
}

export interface Result {
  readonly events: readonly TraceEvent[];
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export const CLI = path.join(ROOT, 'bin/run.js');

/** Command line of tcptrace without arguments. */
export const TCPTRACE: readonly string[] = [process.execPath, CLI];

/** Arguments of every test that reads events. */
export const WATCH = ['watch', '--ndjson', '--probe', PROBE];

export class Tracer implements AsyncDisposable {
  readonly events: TraceEvent[] = [];
  readonly pid: number;
  stderr = '';
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #over: Promise<[number | null, NodeJS.Signals | null]>;
  readonly #rest: () => string;
  readonly #checks = new Set<() => void>();
  #marker: Actor | undefined;

  private constructor(command: readonly string[], env: NodeJS.ProcessEnv) {
    const [program = '', ...args] = command;
    this.#child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {...process.env, ...env},
    });
    this.pid = this.#child.pid ?? -1;
    this.#over = once(this.#child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    this.#rest = onLines(this.#child.stdout, (line) => {
      const event = JSON.parse(line) as TraceEvent;
      assertValidEvent(event);
      this.events.push(event);
      this.#check();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#check();
    });
    this.#child.once('close', () => {
      this.#check();
    });
  }

  /**
   * Starts tcptrace; resolves when every probe is attached.
   *
   * @param args further arguments of `watch`
   * @param tcptrace command that runs tcptrace, such as TCPTRACE within nsenter(1)
   */
  static async start(
    args: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
    watch: readonly string[] = WATCH,
    tcptrace = TCPTRACE,
  ): Promise<Tracer> {
    const tracer = new Tracer([...tcptrace, ...watch, ...args], env);
    try {
      await tracer.waitFor(() => tracer.stderr.includes('(ready)'), 'ready');
    } catch (error) {
      await tracer[Symbol.asyncDispose]();
      throw error;
    }
    return tracer;
  }

  /** Waits until the events and messages so far meet a condition. */
  async waitFor(isMet: () => boolean, what: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const done = (failure?: string): void => {
        this.#checks.delete(check);
        clearTimeout(timer);
        if (failure === undefined) resolve();
        else reject(new Error(`${failure} while waiting for ${what}; stderr: ${this.stderr}`));
      };
      const check = (): void => {
        if (isMet()) done();
        else if (this.#child.exitCode !== null || this.#child.signalCode !== null) done('tcptrace exited');
      };
      const timer = setTimeout(done, seconds(20), 'timeout');
      this.#checks.add(check);
      check();
    });
  }

  async waitForEvent(sock: Sock, event: string): Promise<void> {
    const isIt = (candidate: TraceEvent): boolean =>
      candidate.inode === sock.inode && candidate.event === event;
    // the whole host is traced: check each event only once
    let checked = 0;
    const hasCome = (): boolean => {
      const news = this.events.slice(checked);
      checked = this.events.length;
      return news.some(isIt);
    };
    await this.waitFor(hasCome, `${event} of ${String(sock.inode)}`);
  }

  /**
   * Returns all events until now. The kernel reports events in order, so this makes a connection that fails and waits
   * for its event.
   */
  async settled(): Promise<readonly TraceEvent[]> {
    this.#marker ??= await Actor.start();
    const [bound, sock] = [await this.#marker.socket(4), await this.#marker.socket(4)];
    await bound.bind('127.0.0.1');
    await sock.tryConnect('127.0.0.1', bound.port);
    await this.waitForEvent(sock, 'fail');
    await bound.close();
    await sock.close();
    this.#assertNothingLost();
    return this.events;
  }

  /** Stops tcptrace by a signal and collects its remaining output. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<Result> {
    this.#child.kill(signal);
    return this.ended();
  }

  /** Waits until tcptrace exits; kills it after 20 s. */
  async ended(): Promise<Result> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), seconds(20));
    const [code, end] = await this.#over;
    clearTimeout(timer);
    await this.#marker?.[Symbol.asyncDispose]();
    assert.equal(this.#rest(), '', 'stdout ends with a line feed');
    return {events: this.events, stderr: this.stderr, code, signal: end};
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#over;
    await this.#marker?.[Symbol.asyncDispose]();
  }

  #check(): void {
    for (const check of this.#checks) check();
  }

  #assertNothingLost(): void {
    assert.deepStrictEqual(
      this.events.filter(({event}) => event === 'lost'),
      [],
    );
  }
}

/** Runs several named tracers while `body` runs; returns all events of each. */
export async function traceAll<Name extends string>(
  args: Readonly<Record<Name, readonly string[]>>,
  body: () => Promise<void>,
  watch: readonly string[] = WATCH,
  tcptrace = TCPTRACE,
): Promise<Map<Name, readonly TraceEvent[]>> {
  const names = Object.keys(args) as Name[];
  const starts = await Promise.allSettled(
    names.map(async (name) => Tracer.start(args[name], {}, watch, tcptrace)),
  );
  const tracers = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  try {
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
    await body();
    const all = new Map<Name, readonly TraceEvent[]>();
    for (const [index, name] of names.entries()) {
      const result = await tracers[index]?.stop();
      assert.equal(result?.code, 0, result?.stderr);
      all.set(name, result.events);
    }
    return all;
  } finally {
    await Promise.all(tracers.map(async (tracer) => tracer[Symbol.asyncDispose]()));
  }
}
