/**
 * A machine of the test's own for a container runtime: a mount namespace in which the directories of runtimes are empty,
 * and a network namespace. tcptrace runs in both, as on the host.
 */
import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {reaped} from '../helpers/child.js';
import {TCPTRACE} from '../helpers/tracer.js';
import {until} from '../helpers/until.js';
import {removeCgroups} from './cgroups.js';
import {writeRootfs} from './image.js';

/** Directories in which runtimes keep their configuration, state and locks. */
const DIRECTORIES = [
  '/run',
  '/dev/shm',
  '/etc/cni',
  '/etc/containerd',
  '/etc/containers',
  '/etc/docker',
  '/var/lib/containerd',
  '/var/lib/containers',
  '/var/lib/docker',
];

const CGROUP2_SUPER_MAGIC = 0x63677270;

/** `version 1` is the machine's own layout if it has version 1 hierarchies; `version 2` can be mounted anywhere. */
export type CgroupLayout = 'version 1' | 'version 2';

export function machineLayout(): CgroupLayout {
  return statfsSync('/sys/fs/cgroup').type === CGROUP2_SUPER_MAGIC ? 'version 2' : 'version 1';
}

/** The layouts in which a runtime can run on this machine. */
export function layouts(): readonly CgroupLayout[] {
  return machineLayout() === 'version 1' ? ['version 1', 'version 2'] : ['version 2'];
}

/** Commands that prepare the namespaces. Without `exec`, the shell stays and keeps them. */
function script(layout: CgroupLayout): string {
  const mounts = DIRECTORIES.map((it) => `mkdir -p ${it}; mount -t tmpfs none ${it}`);
  const cgroups = ['umount -R /sys/fs/cgroup', 'mount -t cgroup2 none /sys/fs/cgroup'];
  const tracefs = 'mountpoint -q /sys/kernel/tracing || mount -t tracefs none /sys/kernel/tracing';
  const remount = layout === machineLayout() ? [] : cgroups;
  return [
    'set -e',
    ...mounts,
    ...remount,
    tracefs,
    'ip link set lo up',
    'echo ready',
    'exec sleep infinity',
  ].join('\n');
}

/** A killed test run leaves no process for longer. */
const LIFE_MS = 600_000;
const MAX_LOG = 4096;

export type Daemon = AsyncDisposable & ChildProcess;

/** Runs a command and returns its stdout. @throws Error with its stderr if it fails */
export function run([program = '', ...args]: readonly string[]): string {
  return execFileSync(program, args, {encoding: 'utf8', timeout: 60_000, stdio: 'pipe'}).trim();
}

export class Host implements AsyncDisposable {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'tcptrace-runtimes-'));
  readonly #holder;

  private constructor(layout: CgroupLayout) {
    chmodSync(this.folder, 0o755);
    mkdirSync(this.path('io'));
    chmodSync(this.path('io'), 0o777);
    writeRootfs(this.folder);
    this.#holder = reaped(spawn('unshare', ['--mount', '--net', 'sh', '-c', script(layout)]), {
      lifeMs: LIFE_MS,
    });
  }

  static async start(layout: CgroupLayout): Promise<Host> {
    const host = new Host(layout);
    let stderr = '';
    host.#holder.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    await Promise.race([once(host.#holder.stdout, 'data'), once(host.#holder, 'close')]);
    if (host.#holder.exitCode === null) return host;
    await host[Symbol.asyncDispose]();
    throw new Error(`no namespaces for container runtimes: ${stderr}`);
  }

  /** Path of a file of this host; the same path inside and outside. */
  path(name: string): string {
    return path.join(this.folder, name);
  }

  /** Path from outside of a file that only this host has, such as a socket in /run. */
  fromOutside(name: string): string {
    return `/proc/${String(this.#holder.pid)}/root${name}`;
  }

  /** A command line that runs a command on this host. */
  inside(...words: readonly string[]): readonly string[] {
    const pid = String(this.#holder.pid);
    return ['nsenter', `--mount=/proc/${pid}/ns/mnt`, `--net=/proc/${pid}/ns/net`, ...words];
  }

  get tcptrace(): readonly string[] {
    return this.inside(...TCPTRACE);
  }

  /** Runs a command on this host and returns its stdout. @throws Error with its stderr if it fails */
  run(...words: readonly string[]): string {
    return run(this.inside(...words));
  }

  /**
   * Starts a daemon.
   *
   * @param socket that exists on this host once the daemon is ready
   * @throws Error with the daemon's last messages if it exits or is not ready in time
   */
  async startDaemon(words: readonly string[], socket: string): Promise<Daemon> {
    const [program = '', ...args] = this.inside(...words);
    const daemon = reaped(spawn(program, args, {stdio: ['ignore', 'ignore', 'pipe']}), {lifeMs: LIFE_MS});
    let log = '';
    daemon.stderr.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-MAX_LOG);
    });
    const isReady = (): boolean => existsSync(this.fromOutside(socket)) || daemon.exitCode !== null;
    try {
      await until(isReady, socket);
      if (daemon.exitCode !== null) throw new Error(`exit status ${String(daemon.exitCode)}`);
      return daemon;
    } catch (error) {
      await daemon[Symbol.asyncDispose]();
      throw new Error(`${words[0] ?? ''} did not start: ${log}`, {cause: error});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#killRest();
    await this.#holder[Symbol.asyncDispose]();
    removeCgroups();
    rmSync(this.folder, {recursive: true, force: true});
  }

  /** Kills what the runtimes have left behind: every process in this mount namespace belongs to this host. */
  #killRest(): void {
    const mine = mountNamespace(this.#holder.pid ?? -1);
    if (mine === undefined || mine === mountNamespace('self')) return;
    for (const pid of readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number))
      if (pid !== this.#holder.pid && mountNamespace(pid) === mine) kill(pid);
  }
}

function mountNamespace(pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${String(pid)}/ns/mnt`);
  } catch {
    return undefined;
  }
}

export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
