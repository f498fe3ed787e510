/** A real dockerd, with its own containerd, on a host of the test's own. */
import {writeFileSync} from 'node:fs';
import {contain, type Contained, MAILBOX} from './contained.js';
import {type Daemon, Host, machineLayout} from './host.js';
import {IMAGE} from './image.js';

const SOCKET = '/run/docker.sock';

/** The network is the container's own loopback or the host's, so Docker needs no bridge and no firewall. */
const NETWORK = ['--bridge=none', '--iptables=false', '--ip6tables=false'];
/** A machine may not allow higher limits. */
const FLAGS = [...NETWORK, '--storage-driver=vfs', '--default-ulimit=nofile=1024:1024'];

interface DockerOptions {
  /** Further options of dockerd. */
  readonly flags?: readonly string[];
  /** Content of /etc/docker/daemon.json. */
  readonly config?: Readonly<Record<string, unknown>>;
}

export class Docker implements AsyncDisposable {
  readonly host: Host;
  readonly #daemon: Daemon;

  private constructor(host: Host, daemon: Daemon) {
    this.host = host;
    this.#daemon = daemon;
  }

  /** Starts the daemon and imports the image. @param options made from the host's temporary directory */
  static async start(options: (folder: string) => DockerOptions): Promise<Docker> {
    const host = await Host.start(machineLayout());
    try {
      const {flags = [], config} = options(host.folder);
      if (config) writeFileSync(host.fromOutside('/etc/docker/daemon.json'), JSON.stringify(config));
      const place = ['--exec-root', host.path('exec'), '--pidfile', host.path('docker.pid')];
      const command = ['dockerd', ...FLAGS, ...place, ...flags];
      const docker = new Docker(host, await host.startDaemon(command, SOCKET));
      docker.run('import', host.path('rootfs.tar'), IMAGE);
      return docker;
    } catch (error) {
      await host[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs docker(1) and returns its stdout. */
  run(...words: readonly string[]): string {
    // elsewhere in PATH, another program may have its name
    return this.host.run('/usr/bin/docker', '--host', `unix://${SOCKET}`, ...words);
  }

  /** Runs an actor in a container. @param flags of `docker run` */
  async contain(name: string, ...flags: readonly string[]): Promise<Contained> {
    const volume = `${this.host.path('io')}:${MAILBOX}`;
    return contain(this.host, (command) => {
      this.run('run', '--detach', `--name=${name}`, `--volume=${volume}`, ...flags, IMAGE, ...command);
      const state = this.run('inspect', '--format', '{{.Id}} {{.State.Pid}}', name);
      const [id = '', pid] = state.split(' ');
      return {id, pid: Number(pid)};
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      const ids = this.run('ps', '--all', '--quiet')
        .split('\n')
        .filter((id) => id !== '');
      if (ids.length > 0) this.run('rm', '--force', ...ids);
    } finally {
      await this.#daemon[Symbol.asyncDispose]();
      await this.host[Symbol.asyncDispose]();
    }
  }
}
