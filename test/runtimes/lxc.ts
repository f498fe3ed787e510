/** Containers of the real programs of LXC, on a host of the test's own. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {contain, type Contained, MAILBOX} from './contained.js';
import type {Host} from './host.js';

export class Lxc {
  readonly host: Host;
  readonly #place: readonly string[];
  readonly #names: string[] = [];

  constructor(host: Host) {
    this.host = host;
    this.#place = ['-P', host.path('lxc')];
    mkdirSync(host.path('lxc'));
  }

  /** Runs an actor in a container. @param network `empty` is a network namespace of its own, `none` the host's */
  async contain(name: string, network: 'empty' | 'none'): Promise<Contained> {
    const config = [
      `lxc.uts.name = ${name}`,
      `lxc.rootfs.path = dir:${this.host.path('rootfs')}`,
      `lxc.net.0.type = ${network}`,
      `lxc.mount.entry = ${this.host.path('io')} ${MAILBOX.slice(1)} none bind 0 0`,
      'lxc.mount.auto = proc:mixed',
      'lxc.apparmor.profile = unconfined',
    ];
    const file = this.host.path(`${name}.conf`);
    writeFileSync(file, `${config.join('\n')}\n`);
    return contain(this.host, (command) => {
      this.#names.push(name);
      this.host.run('lxc-start', ...this.#place, '-n', name, '-f', file, '--', ...command);
      const pid = this.host.run('lxc-info', ...this.#place, '-n', name, '--pid', '--no-humanize');
      if (network === 'empty') this.host.run('nsenter', '-t', pid, '--net', 'ip', 'link', 'set', 'lo', 'up');
      return {id: name, pid: Number(pid)};
    });
  }

  /** Stops all containers. */
  [Symbol.dispose](): void {
    const running = this.host.run('lxc-ls', ...this.#place, '--active', '-1').split(/\s+/);
    for (const name of this.#names.splice(0))
      if (running.includes(name)) this.host.run('lxc-stop', ...this.#place, '-n', name, '--kill');
  }
}
