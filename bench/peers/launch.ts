/** Measures the time from launch to the first event. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {onLines} from '../../test/helpers/lines.js';
import type {Load} from '../load.js';
import type {Tool} from './tools.js';

const PER_SECOND = 100;
const MAX_CONNECTIONS = 12_000;

/** Runs a tool on a terminal, so that it does not buffer lines. @returns milliseconds, NaN without an event */
export async function timeToFirstEvent(load: Load, {argv, countEvents}: Tool): Promise<number> {
  const begin = performance.now();
  const command = argv.map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qefc', command, '/dev/null'], {stdio: ['ignore', 'pipe', 'ignore']});
  const closed = once(child, 'close');
  let firstMs = NaN;
  onLines(child.stdout, (line) => {
    if (Number.isNaN(firstMs) && countEvents([line]) > 0) firstMs = performance.now() - begin;
  });
  for (let made = 0; Number.isNaN(firstMs) && made < MAX_CONNECTIONS; made += PER_SECOND / 10)
    await load.run(PER_SECOND / 10, PER_SECOND);
  child.kill('SIGTERM');
  await closed;
  return firstMs;
}
