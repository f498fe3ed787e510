/** Runs `tcptrace map --serve`. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {reaped} from '../helpers/child.js';
import {onLines} from '../helpers/lines.js';
import {PROBE} from '../helpers/machine.js';
import {untilReady} from '../helpers/ready.js';
import {TCPTRACE} from '../helpers/tracer.js';

export interface Serving extends AsyncDisposable {
  readonly url: string;
  /** Stops by Ctrl-C. @returns the exit code */
  readonly stop: () => Promise<number | null>;
}

export async function serve(args: readonly string[]): Promise<Serving> {
  const [program = '', ...words] = [...TCPTRACE, 'map', '--serve', '--probe', PROBE, ...args];
  const child = reaped(spawn(program, words, {stdio: ['ignore', 'pipe', 'pipe']}));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const [url] = await Promise.all([
    new Promise<string>((resolve) => {
      onLines(child.stdout, resolve);
    }),
    untilReady(child.stderr),
  ]);
  return {
    url,
    async stop() {
      child.kill('SIGINT');
      const [code] = await exited;
      return code;
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
