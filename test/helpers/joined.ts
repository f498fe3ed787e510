/** Recordings of connections between network namespaces as hosts, and what `tcptrace join` makes of them. */
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import type {Actor, BurstConnection} from './actor.js';
import type {TraceEvent} from './tracer.js';

/** A line of `tcptrace join --ndjson`. */
export type Joined = Readonly<Partial<Record<string, string | number>>>;

const CLOCK_ERROR_MS = 600_000;

export function shift(event: TraceEvent): TraceEvent {
  const time = String(event.time);
  const later = new Date(Date.parse(`${time.slice(0, 19)}Z`) + CLOCK_ERROR_MS).toISOString();
  return {...event, time: later.slice(0, 19) + time.slice(19)};
}

/** Inodes of the sockets of one connection. */
export interface Truth {
  readonly client: number;
  readonly server: number;
}

/** Connects one after the other, so the connections are accepted in the same order. */
export async function makeConnections(
  client: Actor,
  server: Actor,
  listener: number,
  to: readonly [address: string, port: number],
  count: number,
): Promise<readonly Truth[]> {
  const serving = await server.background('serve', listener, count);
  const {connections: opened = []} = await client.do('burst', count, ...to, 10, 0);
  const {connections: accepted = []} = await serving.join();
  assert.deepEqual([opened.length, accepted.length], [count, count]);
  return opened.map(([inode]: BurstConnection, index) => ({
    client: inode,
    server: accepted[index]?.[0] ?? 0,
  }));
}

export class Recordings implements Disposable {
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));

  /** @param name of the file; with the ending .gz it is compressed */
  write(name: string, events: readonly TraceEvent[]): string {
    const file = path.join(this.#directory, name);
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, {recursive: true});
  }
}

/** Asserts that each connection has one line with both sockets, and that no line has others. */
export function assertJoined(
  lines: readonly Joined[],
  truths: readonly Truth[],
  hosts: readonly string[],
): void {
  const servers = new Map(truths.map(({client, server}) => [client, server]));
  const own = lines.filter(({opener_inode}) => servers.has(Number(opener_inode)));
  const joined = own.filter(({acceptor_inode}) => acceptor_inode !== undefined);
  const wrong = joined.filter(
    ({opener_inode, acceptor_inode}) => servers.get(Number(opener_inode)) !== acceptor_inode,
  );
  assert.deepEqual(wrong, []);
  assert.equal(own.length, truths.length);
  assert.equal(joined.length, truths.length);
  for (const line of joined) {
    assert.deepEqual([line.opener_host, line.acceptor_host], hosts);
    assert.equal(line.ended_by, 'opener');
    assert.deepEqual([line.opener_tx_bytes, line.acceptor_rx_bytes], [10, 10]);
  }
}

/** Parses the output of `tcptrace join --ndjson`. */
export function parseJoined(stdout: string): Joined[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Joined);
}
