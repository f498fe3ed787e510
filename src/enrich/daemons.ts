/** Asks Docker and Podman for container names by Docker's HTTP API on their UNIX sockets, which causes no TCP events. */
import type {IncomingMessage} from 'node:http';
import {existsSync} from 'node:fs';
import {reasonOf} from '../model/errors.js';
import {type Answers, createAnswers} from './answers.js';
import {namesOfDocker} from './runtimes/docker.js';
import type {ContainerNames} from './runtimes/labels.js';

interface Daemon {
  readonly socketPath: string;
  /** The user named this socket by DOCKER_HOST. */
  readonly isNamed: boolean;
}

const USUAL = ['/var/run/docker.sock', '/run/podman/podman.sock'];

/** Answers do not expire: ids are not reused, and the container may be gone when its last connection closes. */
const BOUNDS = {maxKnown: 10_000, maxPending: 16, lifetimeMs: Infinity, retryMs: 5000};
/** A typical answer has about 10 KiB. */
const MAX_ANSWER_BYTES = 1 << 20;
const TIMEOUT_MS = 2000;
/** A daemon is not asked for this time after an error. */
const REST_MS = 30_000;

type Say = (notice: string) => void;

/** Returns the daemons to ask; DOCKER_HOST replaces Docker's default socket, as with docker(1). */
function findDaemons(env: NodeJS.ProcessEnv, usual: readonly string[], say: Say): readonly Daemon[] {
  const host = env.DOCKER_HOST;
  const named = host?.startsWith('unix://') ? host.slice('unix://'.length) : undefined;
  if (host && named === undefined)
    say('container names: not asking DOCKER_HOST, because only unix:// is supported');
  const others = (host ? usual.slice(1) : usual).filter((socketPath) => socketPath !== named);
  if (named === undefined && !others.some((socketPath) => existsSync(socketPath)))
    say(`container names: not asking a daemon, because these sockets do not exist: ${others.join(', ')}`);
  return [
    ...(named === undefined ? [] : [{socketPath: named, isNamed: true}]),
    ...others.map((socketPath) => ({socketPath, isNamed: false})),
  ];
}

async function send(socketPath: string, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  const {get} = await import('node:http');
  return new Promise((resolve, reject) => {
    const options = {socketPath, path, signal, agent: false, headers: {host: 'localhost'}};
    get(options, resolve).on('error', reject);
  });
}

/** @throws if the response is incomplete or too long */
async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_ANSWER_BYTES) throw new Error('its answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/**
 * @returns undefined if the daemon does not know the container
 * @throws if there is no valid answer
 */
async function inspect(socketPath: string, id: string, closing: AbortSignal): Promise<unknown> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await send(socketPath, `/containers/${id}/json`, AbortSignal.any([closing, timeout]));
    const body = await readBody(response);
    const {statusCode} = response;
    if (statusCode === 404) return undefined;
    if (statusCode !== 200) throw new Error(`status ${String(statusCode)}`);
    return JSON.parse(body);
  } catch (error) {
    throw timeout.aborted ? new Error(`no answer within ${String(TIMEOUT_MS / 1000)} s`) : error;
  }
}

function describe(error: unknown): string {
  if (error instanceof SyntaxError) return 'its answer is not JSON';
  return (error as NodeJS.ErrnoException).code === 'ECONNRESET'
    ? 'it closed the connection'
    : reasonOf(error);
}

/**
 * Looks up container names by id. Reports each daemon that does not answer once, and does not ask it again for REST_MS.
 *
 * @param say receives notices
 * @param usual sockets on which daemons listen by default
 */
export function createDaemons(
  say: Say,
  env: NodeJS.ProcessEnv = process.env,
  usual: readonly string[] = USUAL,
): Answers<ContainerNames> {
  const daemons = findDaemons(env, usual, say);
  const restUntil = new Map<Daemon, number>();
  const closing = new AbortController();
  const isClosed = (): boolean => closing.signal.aborted;

  function rest(daemon: Daemon, error: unknown): void {
    const isFirst = !restUntil.has(daemon);
    restUntil.set(daemon, performance.now() + REST_MS);
    const isAbsent = !daemon.isNamed && (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isFirst && !isAbsent)
      say(`container names: ${daemon.socketPath} does not answer (${describe(error)})`);
  }

  async function ask(id: string): Promise<ContainerNames | undefined> {
    for (const daemon of daemons) {
      if (isClosed()) return undefined;
      if (performance.now() < (restUntil.get(daemon) ?? 0)) continue;
      try {
        const found = await inspect(daemon.socketPath, id, closing.signal);
        if (found !== undefined) return namesOfDocker(found);
      } catch (error) {
        if (!isClosed()) rest(daemon, error);
      }
    }
    return undefined;
  }

  const answers = createAnswers(ask, BOUNDS);
  return {
    ...answers,
    close() {
      answers.close();
      closing.abort();
    },
  };
}
