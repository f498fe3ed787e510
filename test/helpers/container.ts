import {mkdirSync, rmdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';

export const CONTAINER_ID = 'c0ffee00'.repeat(8);

/** A cgroup named like that of a Docker container. */
export class Container implements Disposable {
  readonly path: string;
  readonly #outer: string;
  readonly #inner: string;

  constructor(mount: string) {
    this.path = `/tcptrace-test-${String(process.pid)}/docker-${CONTAINER_ID}.scope`;
    this.#inner = mount + this.path;
    this.#outer = path.dirname(this.#inner);
    mkdirSync(this.#inner, {recursive: true});
  }

  get outer(): string {
    return path.dirname(this.path);
  }

  put(pid: number): void {
    writeFileSync(`${this.#inner}/cgroup.procs`, String(pid));
  }

  [Symbol.dispose](): void {
    rmdirSync(this.#inner);
    rmdirSync(this.#outer);
  }
}
