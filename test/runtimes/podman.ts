/** A real Podman, with the vfs storage driver, on a host of the test's own. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {contain, type Contained, MAILBOX, type Running} from './contained.js';
import {type CgroupLayout, Host, run} from './host.js';
import {IMAGE, SLEEP} from './image.js';

/** The limits are low, because a machine may not allow those that Podman asks for. */
const CONFIG = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
pids_limit = 0
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
`;

const POLICY = {default: [{type: 'insecureAcceptAnything'}]};

interface PodmanOptions {
  /** Command that runs Podman, such as setpriv(1). */
  readonly by?: readonly string[];
  /** Variables as NAME=VALUE. */
  readonly env?: readonly string[];
  /** Options of Podman itself, such as `--root`. */
  readonly options?: readonly string[];
  /** User on the host of processes in its containers. */
  readonly uid?: number;
}

export class Podman {
  readonly host: Host;
  readonly #podman: readonly string[];
  readonly #env: readonly string[];
  readonly #uid: number;

  /** Imports the image. */
  constructor(host: Host, {by = [], env = [], options = [], uid = 0}: PodmanOptions = {}) {
    this.host = host;
    this.#podman = [...by, 'podman', '--storage-driver', 'vfs', ...options];
    this.#env = [`CONTAINERS_CONF=${host.path('containers.conf')}`, ...env];
    this.#uid = uid;
    this.run('import', host.path('rootfs.tar'), IMAGE);
  }

  /** Makes a host with Podman's configuration. */
  static async host(layout: CgroupLayout): Promise<Host> {
    const host = await Host.start(layout);
    writeFileSync(host.path('containers.conf'), CONFIG);
    mkdirSync(host.fromOutside('/etc/containers'), {recursive: true});
    writeFileSync(host.fromOutside('/etc/containers/policy.json'), JSON.stringify(POLICY));
    return host;
  }

  /** A command line that runs podman(1). */
  command(...words: readonly string[]): readonly string[] {
    return this.host.inside('env', ...this.#env, ...this.#podman, ...words);
  }

  /** Runs podman(1) and returns its stdout. */
  run(...words: readonly string[]): string {
    return run(this.command(...words));
  }

  /** Inspects a container that runs. */
  running(name: string): Running {
    const [id = '', pid] = this.run('inspect', '--format', '{{.Id}} {{.State.Pid}}', name).split(' ');
    return {id, pid: Number(pid)};
  }

  /** Runs an actor in a container. @param flags of `podman run` */
  async contain(name: string, ...flags: readonly string[]): Promise<Contained> {
    const volume = `${this.host.path('io')}:${MAILBOX}`;
    return contain(
      this.host,
      (command) => {
        this.run('run', '--detach', `--name=${name}`, `--volume=${volume}`, ...flags, IMAGE, ...command);
        return this.running(name);
      },
      this.#uid,
    );
  }

  /** Makes a pod without a network. @param flags of `podman pod create` */
  pod(name: string, ...flags: readonly string[]): void {
    const infra = ['--infra-image', IMAGE, '--infra-command', SLEEP.join(' ')];
    this.run('pod', 'create', `--name=${name}`, '--network=none', ...infra, ...flags);
  }

  /** Runs an actor as a container `name` of a pod, by `podman play kube`. */
  async play(pod: string, name: string): Promise<Contained> {
    return contain(this.host, (command) => {
      const volume = {name: 'io', hostPath: {path: this.host.path('io'), type: 'Directory'}};
      const mount = {name: 'io', mountPath: MAILBOX};
      const container = {name, image: IMAGE, imagePullPolicy: 'Never', command, volumeMounts: [mount]};
      const manifest = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {name: pod},
        spec: {containers: [container], volumes: [volume]},
      };
      writeFileSync(this.host.path('pod.json'), JSON.stringify(manifest));
      this.run('play', 'kube', '--network=none', this.host.path('pod.json'));
      return this.running(`${pod}-${name}`);
    });
  }

  /** Removes all containers and pods. */
  [Symbol.dispose](): void {
    this.run('pod', 'rm', '--all', '--force', '--time=0');
    this.run('rm', '--all', '--force', '--time=0');
  }
}
