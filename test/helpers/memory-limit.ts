/** A cgroup that limits memory. */
import {existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';

const V1 = '/sys/fs/cgroup/memory';
const V2 = '/sys/fs/cgroup';

function hasMemory(version2: string): boolean {
  const controllers = path.join(version2, 'cgroup.controllers');
  return existsSync(controllers) && readFileSync(controllers, 'utf8').split(/\s/).includes('memory');
}

export class MemoryLimit implements Disposable {
  readonly #directory: string;

  private constructor(root: string, file: string, bytes: number) {
    this.#directory = path.join(root, `tcptrace-test-${String(process.pid)}`);
    mkdirSync(this.#directory);
    writeFileSync(path.join(this.#directory, file), String(bytes));
  }

  /** Returns undefined if no cgroup hierarchy has the memory controller. */
  static create(bytes: number): MemoryLimit | undefined {
    if (existsSync(`${V1}/memory.limit_in_bytes`)) return new MemoryLimit(V1, 'memory.limit_in_bytes', bytes);
    if (!hasMemory(V2)) return undefined;
    writeFileSync(`${V2}/cgroup.subtree_control`, '+memory');
    return new MemoryLimit(V2, 'memory.max', bytes);
  }

  /** Returns the program and arguments that run a command in this cgroup. */
  run(...words: readonly string[]): [string, string[]] {
    return ['sh', ['-c', 'echo $$ >"$0/cgroup.procs" && exec "$@"', this.#directory, ...words]];
  }

  [Symbol.dispose](): void {
    rmdirSync(this.#directory);
  }
}
