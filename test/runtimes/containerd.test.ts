/** Containers of a real containerd: with plain ids, and in a pod of Kubernetes. */
import {type Case, checkContainers} from './contained.js';
import {Containerd} from './containerd.js';
import {needPrograms} from './needs.js';

describe('containerd', function () {
  this.timeout(120_000);
  let containerd: Containerd;

  before(async function () {
    needPrograms(this, 'containerd', 'containerd-shim-runc-v2', 'ctr', 'runc');
    containerd = await Containerd.start();
  });

  after(async () => {
    await (containerd as Containerd | undefined)?.[Symbol.asyncDispose]();
  });

  it('plain ids; names of a container, its pod and its Kubernetes namespace; and filters', async () => {
    const web: Case = {contained: await containerd.contain('web'), names: {container_name: 'web'}};
    const web2: Case = {
      contained: await containerd.contain('web-2', '--net-host'),
      names: {container_name: 'web-2'},
    };
    const app: Case = {
      contained: await containerd.containInPod('app'),
      names: {container_name: 'app', pod: 'shop-0', pod_namespace: 'prod'},
    };
    await checkContainers(containerd.host, [web, web2, app], {
      name: {args: ['--container', 'web'], selects: [web]},
      id: {args: ['--container', app.contained.id.slice(0, 12)], selects: [app]},
      pod: {args: ['--pod', 'shop-*', '--pod-namespace', 'prod'], selects: [app]},
      'not namespace': {args: ['--not-pod-namespace', 'prod'], selects: [web, web2]},
      'other pod': {args: ['--pod', 'shop', '--pod-namespace', 'prod'], selects: []},
    });
  });
});
