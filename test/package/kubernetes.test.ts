/** The Kustomize base in contrib/kubernetes: valid by the schemas of Kubernetes, and its pod runs in Podman. */
import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {spawn} from 'node:child_process';
import {DaemonSet, type IDaemonSet} from 'kubernetes-models/apps/v1';
import {Namespace, type INamespace} from 'kubernetes-models/v1';
import {parse} from 'yaml';
import {reaped} from '../helpers/child.js';
import {onLines} from '../helpers/lines.js';
import {ROOT, seconds} from '../helpers/machine.js';
import {closePair, connectPair} from '../helpers/pair.js';
import type {TraceEvent} from '../helpers/tracer.js';
import {untilReady} from '../helpers/ready.js';
import {until} from '../helpers/until.js';
import {layouts, type Host} from '../runtimes/host.js';
import {needPrograms} from '../runtimes/needs.js';
import {Podman} from '../runtimes/podman.js';
import {ARCHIVE, buildImage, IMAGE} from './image.js';

const BASE = path.join(ROOT, 'contrib/kubernetes');

function read(name: string): unknown {
  return parse(readFileSync(path.join(BASE, name), 'utf8'), {strict: true});
}

interface Kustomization {
  readonly resources: readonly string[];
  readonly images: readonly {readonly name: string; readonly newName: string; readonly newTag: string}[];
}

describe('contrib/kubernetes', () => {
  it('is valid by the schemas of Kubernetes', () => {
    new DaemonSet(read('daemonset.yaml') as IDaemonSet).validate();
    new Namespace(read('namespace.yaml') as INamespace).validate();
    const invalid = {
      ...(read('daemonset.yaml') as IDaemonSet),
      spec: {template: {}},
    } as unknown as IDaemonSet;
    assert.throws(() => {
      new DaemonSet(invalid).validate();
    });
  });

  it('names its files and the image of this version', () => {
    const {resources, images} = read('kustomization.yaml') as Kustomization;
    assert.deepEqual(resources, ['namespace.yaml', 'daemonset.yaml']);
    const {spec} = read('daemonset.yaml') as IDaemonSet;
    const [container] = spec?.template.spec?.containers ?? [];
    assert.deepEqual(
      images.map(({name, newName, newTag}) => [name, `${newName}:${newTag}`]),
      [[container?.image, IMAGE]],
    );
  });
});

const NODE = 'node-1';

/** Returns the pod of the DaemonSet for Podman 4.3, which takes the seccomp profile from an annotation. */
function podFor(name: string): unknown {
  const {spec} = read('daemonset.yaml') as IDaemonSet;
  const template = spec?.template.spec;
  const containers = template?.containers.map((container) => ({
    ...container,
    image: IMAGE,
    imagePullPolicy: 'Never',
    // Podman 4.3 knows no node and replaces no variables
    args: container.args?.map((word) => word.replace('$(NODE_NAME)', NODE)),
    env: [],
  }));
  // its default profile refuses bpf()
  const annotations = {'seccomp.security.alpha.kubernetes.io/pod': 'unconfined'};
  return {apiVersion: 'v1', kind: 'Pod', metadata: {name, annotations}, spec: {...template, containers}};
}

/** Makes containers share the host's pid namespace: Podman 4.3 ignores hostPID. */
function shareProcesses(host: Host): void {
  const file = host.path('containers.conf');
  writeFileSync(file, readFileSync(file, 'utf8').replace('[containers]', '[containers]\npidns = "host"'));
}

describe('contrib/kubernetes in Podman', function () {
  this.timeout(seconds(300));
  let host: Host | undefined;
  let podman: Podman;

  before(async function () {
    needPrograms(this, 'buildah', 'mmdebstrap', 'podman', 'conmon', 'runc');
    // with version 2, no container of a pod starts
    const [layout] = layouts();
    buildImage();
    host = await Podman.host(layout ?? 'version 1');
    shareProcesses(host);
    podman = new Podman(host);
    podman.run('load', '--quiet', '--input', ARCHIVE);
  });

  after(async () => {
    podman[Symbol.dispose]();
    await host?.[Symbol.asyncDispose]();
  });

  it('traces containers', async () => {
    const file = podman.host.path('pod.json');
    writeFileSync(file, JSON.stringify(podFor('tcptrace')));
    podman.run('play', 'kube', '--network=none', file);
    const web = await podman.contain('web', '--network=none');
    const [program = '', ...args] = podman.command('logs', '--follow', 'tcptrace-tcptrace');
    await using logs = reaped(spawn(program, args));
    const events: TraceEvent[] = [];
    onLines(logs.stdout, (line) => {
      events.push(JSON.parse(line) as TraceEvent);
    });
    await untilReady(logs.stderr);
    const {client, server} = await connectPair(web.actor, '127.0.0.1');
    await closePair({client, server});
    const seen = () => events.filter(({inode}) => inode === client.inode || inode === server.inode);
    await until(() => seen().length >= 4, 'the events');
    const fields = seen().map(({container, host: node}) => [container, node]);
    assert.deepEqual(fields, Array(4).fill([web.id, NODE]));
  });
});
