/** Makes connections on loopback with bench/generator, which measures the time. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {ROOT} from '../test/helpers/machine.js';

/** Events per connection: connect, accept, two closes. */
export const EVENTS_EACH = 4;

export interface Load {
  /**
   * @param perSecond 0: as fast as possible
   * @returns elapsed seconds
   */
  readonly run: (connections: number, perSecond?: number) => Promise<number>;
  /** The port of each thread. */
  readonly ports: readonly number[];
  readonly pids: readonly number[];
  readonly stop: () => Promise<void>;
}

/**
 * @param threads number of threads that make connections at the same time
 * @param mode 'apart' if each has its server in a separate thread; `cgroups` if each connection gets a new process in a
 *   new cgroup, in that directory of the unified hierarchy
 */
export async function createLoad(
  threads = 1,
  mode: 'together' | 'apart' | {readonly cgroups: string} = 'together',
): Promise<Load> {
  const words = [String(threads), ...(typeof mode === 'string' ? [mode] : ['cgroups', mode.cgroups])];
  const child = spawn(path.join(ROOT, 'build/generator'), words, {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
  async function nextNumbers(): Promise<number[]> {
    const line = await lines.next();
    if (line.done === true) throw new Error('the generator exited');
    return line.value.split(' ').map(Number);
  }

  const [, ...ports] = await nextNumbers();
  return {
    ports,
    pids: [child.pid ?? 0],
    async run(connections, perSecond = 0) {
      child.stdin.write(`${String(connections)} ${String(perSecond)}\n`);
      const [, ns = NaN] = await nextNumbers();
      return ns / 1e9;
    },
    async stop() {
      child.stdin.end();
      await closed;
    },
  };
}
