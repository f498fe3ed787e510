/** Processes and connections like those of the documents: nginx, postgres with clients, and a worker that leaks. */
import {execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {Actor} from './actor.js';
import {killGroup, reaped} from './child.js';
import {Netns} from './netns.js';
import {closePair, type Pair} from './pair.js';
import type {Sock} from './sock.js';
import {until} from './until.js';

/** Address of postgres, in a network namespace of its own. */
export const ADDRESS = '192.168.77.5';

const PORT = 5432;
const CLOSED_PORT = 6379;

async function startActor(name: string, netns: Netns): Promise<Actor> {
  const actor = await Actor.start();
  await actor.setComm(name);
  await actor.do('netns', netns.path);
  return actor;
}

export class Scene implements AsyncDisposable {
  readonly #netns: Netns;
  readonly #nginx: Actor;
  readonly #worker: Actor;
  readonly #postgres: Actor;
  readonly #listener: Sock;

  private constructor(netns: Netns, listener: Sock, nginx: Actor, worker: Actor) {
    this.#netns = netns;
    this.#listener = listener;
    this.#postgres = listener.actor;
    this.#nginx = nginx;
    this.#worker = worker;
  }

  /** Starts the processes: nginx holds a connection, and the worker one that postgres has closed. */
  static async start(): Promise<Scene> {
    const netns = new Netns();
    netns.addAddress('lo', `${ADDRESS}/24`);
    const postgres = await startActor('postgres', netns);
    const listener = await postgres.listen(ADDRESS, {port: PORT});
    const [nginx, worker] = [await startActor('nginx', netns), await startActor('worker', netns)];
    const scene = new Scene(netns, listener, nginx, worker);
    const held = await scene.#connect(nginx);
    await held.client.send(1000);
    await held.server.receive(1000);
    const leaked = await scene.#connect(worker);
    await leaked.server.close();
    await leaked.client.poll('rdhup');
    return scene;
  }

  /** Path of the network namespace. */
  get netns(): string {
    return this.#netns.path;
  }

  /** Exchanges data, fails to connect, and resets a connection. */
  async act(): Promise<void> {
    const pair = await this.#connect(this.#nginx);
    await pair.client.send(1000);
    await pair.server.receive(1000);
    await closePair(pair);
    const refused = await this.#nginx.socket(4);
    await refused.tryConnect(ADDRESS, CLOSED_PORT);
    await refused.close();
    const reset = await this.#connect(this.#nginx);
    await reset.client.send(1);
    await reset.server.poll('in');
    await reset.server.close();
    await reset.client.poll('hup');
    await reset.client.close();
  }

  /** Opens a connection of the worker, which stays open. */
  async leak(): Promise<void> {
    await this.#connect(this.#worker);
  }

  async #connect(actor: Actor): Promise<Pair> {
    const client = await actor.socket(4);
    await client.connect(ADDRESS, PORT);
    return {client, server: await this.#listener.accept(), listener: this.#listener};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const actor of [this.#nginx, this.#worker, this.#postgres]) await actor[Symbol.asyncDispose]();
    this.#netns[Symbol.dispose]();
  }
}

const GIT_ENVIRONMENT = {...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1'};

function git(...args: readonly string[]): string {
  return execFileSync('git', args, {
    encoding: 'utf8',
    env: GIT_ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** True if git has the daemon that serves repositories. */
export function hasGitDaemon(): boolean {
  try {
    return existsSync(path.join(git('--exec-path').trim(), 'git-daemon'));
  } catch {
    return false;
  }
}

/** A directory that is a repository of git, whose remote is served by git-daemon(1). */
export interface Checkout extends AsyncDisposable {
  readonly folder: string;
}

/** @param port free port of 127.0.0.1 */
export async function serveCheckout(port: number): Promise<Checkout> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tcptrace-docs-'));
  const [served, own] = [path.join(folder, 'served'), path.join(folder, 'own')];
  mkdirSync(served);
  git('init', '--quiet', '--bare', path.join(served, 'origin.git'));
  git('init', '--quiet', own);
  const url = `git://127.0.0.1:${String(port)}/origin.git`;
  git('-C', own, 'remote', 'add', 'origin', url);
  const args = [
    'daemon',
    '--listen=127.0.0.1',
    `--port=${String(port)}`,
    `--base-path=${served}`,
    '--export-all',
  ];
  // git starts git-daemon as a process of its own
  const started = spawn('git', args, {env: GIT_ENVIRONMENT, stdio: 'ignore', detached: true});
  const daemon = reaped(started, {lifeMs: 600_000, kill: killGroup});
  await until(() => answers(url), 'git daemon');
  return {
    folder: own,
    async [Symbol.asyncDispose]() {
      await daemon[Symbol.asyncDispose]();
      rmSync(folder, {recursive: true});
    },
  };
}

function answers(url: string): boolean {
  try {
    git('ls-remote', url);
    return true;
  } catch {
    return false;
  }
}
