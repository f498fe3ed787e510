/** Runs a Prometheus of its own, on loopback, that scrapes tcptrace. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {type AddressInfo, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {reaped} from '../helpers/child.js';
import {ROOT, seconds} from '../helpers/machine.js';
import type {Value} from '../helpers/metric-sums.js';
import {until} from '../helpers/until.js';

export const CONTRIB = path.join(ROOT, 'contrib/prometheus');

/** An element of an instant vector. */
interface Element {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

export interface Prometheus extends AsyncDisposable {
  /** @throws if Prometheus refuses the expression */
  readonly query: (expression: string) => Promise<readonly Value[]>;
  /** Waits for a successful scrape that began after this call. */
  readonly scraped: () => Promise<void>;
  readonly get: (path: string) => Promise<unknown>;
}

async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function configure(folder: string, target: string): string {
  const file = path.join(folder, 'prometheus.yml');
  const config = {
    global: {scrape_interval: '500ms', scrape_timeout: '500ms'},
    rule_files: [path.join(CONTRIB, 'alerts.yml')],
    scrape_configs: [{job_name: 'tcptrace', static_configs: [{targets: [target]}]}],
  };
  // YAML includes JSON
  writeFileSync(file, JSON.stringify(config));
  return file;
}

function toValue({metric: {__name__: name = '', ...labels}, value: [, value]}: Element): Value {
  return {name, labels, value: Number(value)};
}

/** @param url of the metrics */
export async function startPrometheus(url: string): Promise<Prometheus> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tcptrace-prometheus-'));
  const address = `127.0.0.1:${String(await findPort())}`;
  const args = [
    `--config.file=${configure(folder, new URL(url).host)}`,
    `--storage.tsdb.path=${path.join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--log.level=error',
  ];
  const spawned = spawn('prometheus', args, {stdio: ['ignore', 'ignore', 'inherit'], cwd: folder});
  // a whole suite uses it
  const child = reaped(spawned, {lifeMs: seconds(300)});

  async function get(route: string): Promise<unknown> {
    const response = await fetch(`http://${address}${route}`);
    const {status, data, error} = (await response.json()) as Record<'status' | 'error', string> & {
      data: unknown;
    };
    assert.equal(status, 'success', `${route}: ${error}`);
    return data;
  }

  const query = async (expression: string): Promise<readonly Value[]> => {
    const data = (await get(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as {result: Element[]};
    return data.result.map(toValue);
  };

  const isReady = async (): Promise<boolean> => {
    assert.equal(child.exitCode, null, 'prometheus has exited');
    const response = await fetch(`http://${address}/-/ready`).catch(() => undefined);
    return response?.status === 200;
  };

  const prometheus: Prometheus = {
    query,
    get,
    async scraped() {
      const now = Date.now() / 1000;
      await until(async () => {
        // unlike `up`, it has no sample of a scrape that failed
        const [time] = await query('timestamp(tcptrace_build_info)');
        return time !== undefined && time.value > now;
      }, 'a scrape');
    },
    async [Symbol.asyncDispose]() {
      await child[Symbol.asyncDispose]();
      rmSync(folder, {recursive: true});
    },
  };
  try {
    await until(isReady, 'prometheus');
  } catch (error) {
    await prometheus[Symbol.asyncDispose]();
    throw error;
  }
  return prometheus;
}
