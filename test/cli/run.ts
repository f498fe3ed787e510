/** Runs the installed program. */
import assert from 'node:assert/strict';
import {spawnSync, type SpawnSyncOptions} from 'node:child_process';
import {existsSync} from 'node:fs';
import path from 'node:path';
import {ROOT, seconds} from '../helpers/machine.js';

export const CLI = path.join(ROOT, 'bin/run.js');

export interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment without the user's color and debug settings. */
const ENVIRONMENT = {...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, DEBUG: undefined};

export function run(command: string, args: readonly string[], options: SpawnSyncOptions = {}): Result {
  const {status, stdout, stderr, error} = spawnSync(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: seconds(20),
    killSignal: 'SIGKILL',
    // debug messages of libbpf take a megabyte
    maxBuffer: 1 << 26,
    ...options,
    encoding: 'utf8',
    env: {...ENVIRONMENT, ...options.env},
  });
  if (error) throw error;
  return {status, stdout, stderr};
}

export function tcptrace(args: readonly string[], env: NodeJS.ProcessEnv = {}): Result {
  return run(process.execPath, [CLI, ...args], {env});
}

/** Runs a bash script in which `tcptrace` is a function. */
export function shell(script: string): Result {
  const define = 'node=$1 cli=$2; tcptrace() { "$node" "$cli" "$@"; };';
  return run('bash', ['-c', `${define} ${script}`, 'bash', process.execPath, CLI]);
}

/** Asserts the exit code, one line on stderr, and empty stdout. */
export function assertRefused(
  {status, stdout, stderr}: Result,
  code: number,
  complaint: string | RegExp,
): void {
  assert.equal(stdout, '');
  assert.match(stderr, /^tcptrace: [^\n]+\n$/);
  const line = stderr.slice('tcptrace: '.length, -1);
  if (typeof complaint === 'string') assert.equal(line, complaint);
  else assert.match(line, complaint);
  assert.equal(status, code);
}

/** True if the kernel has kprobes. */
export const HAS_KPROBES = existsSync('/sys/bus/event_source/devices/kprobe');

/** True if this process has all privileges that tracing needs. */
export const IS_ROOT = process.getuid?.() === 0;
