/** Runs shell commands that contain tcptrace. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {text} from 'node:stream/consumers';
import {killGroup, reaped} from './child.js';
import {seconds} from './machine.js';
import {CLI} from './tracer.js';

export interface Running {
  readonly hasExited: boolean;
  /** Resolves when every probe is attached, or stderr is closed. */
  readonly ready: Promise<void>;
}

export interface ShellResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a bash command until it exits. @param tcptrace arguments of tcptrace in the variable $TCPTRACE */
export async function shell(
  command: string,
  tcptrace: readonly string[],
  meanwhile: (running: Running) => Promise<void> = async () => Promise.resolve(),
): Promise<ShellResult> {
  const started = spawn('bash', ['-c', `set -o pipefail; ${command}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: {...process.env, TCPTRACE: [process.execPath, CLI, ...tcptrace].join(' ')},
  });
  await using child = reaped(started, {lifeMs: seconds(20), kill: killGroup});
  let stderr = '';
  const ready = new Promise<void>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      if (stderr.includes('(ready)')) resolve();
    });
    child.stderr.once('close', resolve);
  });
  const running = {hasExited: false, ready};
  const closed = once(child, 'close') as Promise<[number | null]>;
  void closed.then(() => {
    running.hasExited = true;
  });
  const stdout = text(child.stdout);
  await meanwhile(running);
  const [code] = await closed;
  return {code, stdout: await stdout, stderr};
}
