/** Runs `tcptrace top --ndjson` and sums up its rows. */
import assert from 'node:assert/strict';
import {type ChildProcessByStdio, spawn} from 'node:child_process';
import {once} from 'node:events';
import type {Readable} from 'node:stream';
import {onLines} from './lines.js';
import {PROBE} from './machine.js';
import {TCPTRACE} from './tracer.js';

export type TopRow = Readonly<Record<string, unknown>>;

export class Top implements AsyncDisposable {
  readonly rows: TopRow[] = [];
  stderr = '';
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #over: Promise<unknown[]>;

  private constructor(tcptrace: readonly string[], args: readonly string[]) {
    const [program = '', ...words] = [...tcptrace, 'top', '--ndjson', '--probe', PROBE, ...args];
    this.#child = spawn(program, words, {stdio: ['ignore', 'pipe', 'pipe']});
    this.#over = once(this.#child, 'close');
    onLines(this.#child.stdout, (line) => this.rows.push(JSON.parse(line) as TopRow));
  }

  /** Starts top; resolves when it knows the totals of preexisting connections. */
  static async start(...args: readonly string[]): Promise<Top> {
    return Top.startBy(TCPTRACE, ...args);
  }

  /** @param tcptrace command that runs tcptrace, such as TCPTRACE within nsenter(1) */
  static async startBy(tcptrace: readonly string[], ...args: readonly string[]): Promise<Top> {
    const top = new Top(tcptrace, args);
    const {stderr} = top.#child;
    await new Promise<void>((resolve, reject) => {
      stderr.setEncoding('utf8').on('data', (text: string) => {
        top.stderr += text;
        if (top.stderr.includes('(ready)')) resolve();
      });
      stderr.once('end', () => {
        reject(new Error(`top exited: ${top.stderr}`));
      });
    });
    return top;
  }

  /** Waits until top exits. */
  async ended(): Promise<void> {
    assert.deepEqual(await this.#over, [0, null], this.stderr);
    for (const {lost} of this.rows) assert.equal(lost, undefined);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGINT');
    await this.ended();
  }

  /** Sums a field over the rows of all snapshots, for each value of another field. */
  sums(field: string, by: string): Readonly<Record<string, number>> {
    const sums: Record<string, number> = {};
    for (const row of this.rows) {
      const key = String(row[by]);
      sums[key] = (sums[key] ?? 0) + Number(row[field] ?? 0);
    }
    return sums;
  }

  /** Returns the sums of sent and received bytes. */
  bytes(by: string): Readonly<Record<string, readonly [tx: number | undefined, rx: number | undefined]>> {
    const [tx, rx] = [this.sums('tx_bytes', by), this.sums('rx_bytes', by)];
    return Object.fromEntries(Object.keys(tx).map((key) => [key, [tx[key], rx[key]]]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#over;
  }
}
