/** A real containerd on a host of the test's own, used by ctr(1) and, as Kubernetes uses it, by CRI. */
import {writeFileSync} from 'node:fs';
import {contain, type Contained, MAILBOX, type Running} from './contained.js';
import {Cri, type Message} from './cri.js';
import {type Daemon, Host, machineLayout} from './host.js';
import {IMAGE, writeArchive} from './image.js';

const SOCKET = '/run/containerd/containerd.sock';

const CONFIG = `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${IMAGE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
`;

/** containerd's namespaces: ctr(1)'s own, and that of CRI. */
const NAMESPACES = ['default', 'k8s.io'] as const;
type Namespace = (typeof NAMESPACES)[number];

/** NamespaceOption: the network of the host, because there are no CNI plugins; process ids of the container. */
const NAMESPACE_OPTION: Message = [
  [1, 2],
  [2, 1],
];

/** PodSandboxConfig of `prod/shop-0`: metadata, cgroup parent, security context. */
const SANDBOX: Message = [
  [
    1,
    [
      [1, 'shop-0'],
      [2, 'uid-0'],
      [3, 'prod'],
    ],
  ],
  [
    8,
    [
      [1, '/tcptrace-pods/uid-0'],
      [2, [[1, NAMESPACE_OPTION]]],
    ],
  ],
];

/** ContainerConfig: metadata, image, command, mounts, security context. */
function containerConfig(name: string, command: readonly string[], directory: string): Message {
  return [
    [1, [[1, name]]],
    [2, [[1, IMAGE]]],
    ...command.map((word) => [3, word] as const),
    [
      7,
      [
        [1, MAILBOX],
        [2, directory],
      ],
    ],
    [15, [[2, [[3, NAMESPACE_OPTION]]]]],
  ];
}

export class Containerd implements AsyncDisposable {
  readonly host: Host;
  readonly #daemon: Daemon;
  readonly #cri: Cri;
  readonly #sandboxes: string[] = [];

  private constructor(host: Host, daemon: Daemon) {
    this.host = host;
    this.#daemon = daemon;
    this.#cri = new Cri(host.fromOutside(SOCKET));
  }

  /** Starts the daemon and imports the image. */
  static async start(): Promise<Containerd> {
    const host = await Host.start(machineLayout());
    try {
      writeFileSync(host.path('config.toml'), CONFIG);
      const command = ['containerd', '--config', host.path('config.toml')];
      const containerd = new Containerd(host, await host.startDaemon(command, SOCKET));
      const archive = writeArchive(host.folder);
      for (const namespace of NAMESPACES)
        containerd.#ctr(namespace, 'image', 'import', '--snapshotter', 'native', archive);
      return containerd;
    } catch (error) {
      await host[Symbol.asyncDispose]();
      throw error;
    }
  }

  #ctr(namespace: Namespace, ...words: readonly string[]): string {
    return this.host.run('ctr', '--namespace', namespace, ...words);
  }

  #running(namespace: Namespace, id: string): Running {
    const line = this.#ctr(namespace, 'task', 'ls')
      .split('\n')
      .find((it) => it.split(/\s+/)[0] === id);
    return {id, pid: Number(line?.split(/\s+/)[1])};
  }

  /** Runs an actor in a container with a plain id. @param flags of `ctr run` */
  async contain(id: string, ...flags: readonly string[]): Promise<Contained> {
    const mount = `type=bind,src=${this.host.path('io')},dst=${MAILBOX},options=rbind:rw`;
    return contain(this.host, (command) => {
      const options = ['--detach', '--snapshotter', 'native', '--mount', mount, ...flags];
      this.#ctr('default', 'run', ...options, IMAGE, id, ...command);
      return this.#running('default', id);
    });
  }

  /** Runs an actor as a container of the Kubernetes pod `shop-0` in the Kubernetes namespace `prod`. */
  async containInPod(name: string): Promise<Contained> {
    const sandbox = await this.#cri.call('RunPodSandbox', [[1, SANDBOX]]);
    this.#sandboxes.push(sandbox);
    return contain(this.host, async (command) => {
      const config = containerConfig(name, command, this.host.path('io'));
      const id = await this.#cri.call('CreateContainer', [
        [1, sandbox],
        [2, config],
        [3, SANDBOX],
      ]);
      await this.#cri.call('StartContainer', [[1, id]]);
      return this.#running('k8s.io', id);
    });
  }

  /** Stops and removes what runs; stops the daemon even if that fails. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      for (const sandbox of this.#sandboxes.splice(0))
        await this.#cri.call('RemovePodSandbox', [[1, sandbox]]);
      const tasks = this.#ctr('default', 'task', 'ls', '--quiet').split('\n');
      for (const task of tasks) if (task !== '') this.#ctr('default', 'task', 'rm', '--force', task);
    } finally {
      await this.#cri[Symbol.asyncDispose]();
      await this.#daemon[Symbol.asyncDispose]();
      await this.host[Symbol.asyncDispose]();
    }
  }
}
