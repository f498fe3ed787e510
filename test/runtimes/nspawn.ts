/**
 * Containers of the real systemd-nspawn, on a host of the test's own. It runs in a cgroup that the test makes as systemd
 * makes that of systemd-nspawn@NAME.service: so no systemd is needed, and no machine is registered.
 */
import {spawn} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, readFileSync} from 'node:fs';
import {reaped} from '../helpers/child.js';
import {until} from '../helpers/until.js';
import {NSPAWN_SLICE} from './cgroups.js';
import {contain, type Contained, MAILBOX} from './contained.js';
import {type Host, kill} from './host.js';

const LIFE_MS = 600_000;

/** Enters a new cgroup in each hierarchy that systemd-nspawn uses, and runs a command there. */
const ENTER = `set -e
cgroup=$1
shift
for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
  [ -e "$hierarchy/cgroup.procs" ] || continue
  mkdir -p "$hierarchy/$cgroup"
  echo $$ >"$hierarchy/$cgroup/cgroup.procs"
done
exec "$@"`;

export class Nspawn implements AsyncDisposable {
  readonly host: Host;
  readonly #started: (() => Promise<void>)[] = [];

  constructor(host: Host) {
    this.host = host;
  }

  /** Runs an actor in a container. @param flags of systemd-nspawn */
  async contain(name: string, ...flags: readonly string[]): Promise<Contained> {
    return contain(this.host, async (command) => {
      const cgroup = `${NSPAWN_SLICE}/systemd-nspawn@${name}.service`;
      const root = this.host.path(`rootfs-${name}`);
      // a root directory is locked by its container, and refused without /usr
      cpSync(this.host.path('rootfs'), root, {recursive: true, verbatimSymlinks: true});
      mkdirSync(`${root}/usr`, {recursive: true});
      const place = [`--directory=${root}`, `--bind=${this.host.path('io')}:${MAILBOX}`];
      const words = ['systemd-nspawn', '--keep-unit', '--register=no', `--machine=${name}`, '--volatile=no'];
      const [program = '', ...args] = this.host.inside(
        ...['sh', '-c', ENTER, 'sh', cgroup, ...words, ...place, ...flags, ...command],
      );
      const pid = (): number => this.#findPayload(cgroup);
      const started = reaped(spawn(program, args, {stdio: 'ignore'}), {lifeMs: LIFE_MS});
      this.#started.push(async () => {
        // the first process outlives systemd-nspawn if that is killed
        if (pid() > 0) kill(pid());
        await until(() => pid() === 0, `exit of container ${name}`);
        await started[Symbol.asyncDispose]();
      });
      await until(() => pid() > 0 || started.exitCode !== null, `container ${name}`);
      if (started.exitCode !== null)
        throw new Error(`systemd-nspawn: exit status ${String(started.exitCode)}`);
      return {id: name, pid: pid()};
    });
  }

  /** Returns the pid of the container's first process, or 0. */
  #findPayload(cgroup: string): number {
    const files = ['/sys/fs/cgroup', '/sys/fs/cgroup/systemd'].map((it) =>
      this.host.fromOutside(`${it}/${cgroup}/payload/cgroup.procs`),
    );
    const found = files.find(existsSync);
    return found === undefined ? 0 : parseInt(readFileSync(found, 'utf8') || '0', 10);
  }

  /** Stops all containers. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const stop of this.#started.splice(0)) await stop();
  }
}
