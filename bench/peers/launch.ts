/** From the launch to the first event, while connections are made. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {onLines} from '../../test/helpers/lines.js';
import type {Load} from '../load.js';
import type {Way} from './ways.js';

const PER_SECOND = 100;
const CONNECTIONS_AT_MOST = 12_000;

/** @returns milliseconds; NaN if none came. On a terminal, where no way holds lines back for a full buffer. */
export async function timeToFirstEvent(load: Load, {argv, countEvents}: Way): Promise<number> {
  const begin = performance.now();
  const command = argv.map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qefc', command, '/dev/null'], {stdio: ['ignore', 'pipe', 'ignore']});
  const closed = once(child, 'close');
  let firstMs = NaN;
  onLines(child.stdout, (line) => {
    if (Number.isNaN(firstMs) && countEvents([line]) > 0) firstMs = performance.now() - begin;
  });
  for (let made = 0; Number.isNaN(firstMs) && made < CONNECTIONS_AT_MOST; made += PER_SECOND / 10)
    await load.run(PER_SECOND / 10, PER_SECOND);
  child.kill('SIGTERM');
  await closed;
  return firstMs;
}
