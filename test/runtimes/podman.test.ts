/** Containers and pods of a real Podman. */
import {
  type Case,
  checkContainers,
  checkRename,
  checkShortLived,
  checkTop,
  type Contained,
  type Names,
} from './contained.js';
import {type CgroupLayout, type Host, layouts} from './host.js';
import {needPrograms} from './needs.js';
import {Podman} from './podman.js';

function named(contained: Contained, names: Names): Case {
  return {contained, names};
}

/** With version 2 and the cgroup manager cgroupfs, Podman 4.3 gives the pod's cgroup no devices, so no container starts. */
const POD_FLAGS: Readonly<Record<CgroupLayout, readonly string[]>> = {
  'version 1': [],
  'version 2': ['--share-parent=false'],
};

for (const layout of layouts())
  describe(`Podman, cgroup ${layout}`, function () {
    this.timeout(120_000);
    let host: Host | undefined;
    let podman: Podman;

    before(async function () {
      needPrograms(this, 'podman', 'conmon', 'runc');
      host = await Podman.host(layout);
      podman = new Podman(host);
    });

    afterEach(() => {
      podman[Symbol.dispose]();
    });

    after(async () => {
      await host?.[Symbol.asyncDispose]();
    });

    it('ids, names and pods; and filters', async () => {
      podman.pod('front', ...POD_FLAGS[layout]);
      const web = named(await podman.contain('web', '--network=none'), {container_name: 'web'});
      const web2 = named(await podman.contain('web2', '--network=host'), {container_name: 'web2'});
      const app = named(await podman.contain('app', '--pod=front'), {container_name: 'app', pod: 'front'});
      await checkContainers(podman.host, [web, web2, app], {
        name: {args: ['--container', 'web'], selects: [web]},
        id: {args: ['--container', web2.contained.id.slice(0, 12)], selects: [web2]},
        pod: {args: ['--pod', 'fr?nt'], selects: [app]},
        'not name': {args: ['--not-container', 'web*'], selects: [app]},
      });
    });

    it('top --by container: names and bytes of each', async () => {
      const web = named(await podman.contain('web', '--network=none'), {container_name: 'web'});
      const app = named(await podman.contain('app', '--network=host'), {container_name: 'app'});
      await checkTop(podman.host, [web, app]);
    });

    it('a pod with another host name', async () => {
      podman.pod('front', '--hostname=other', ...POD_FLAGS[layout]);
      const app = await podman.contain('app', '--pod=front');
      await checkContainers(podman.host, [named(app, {container_name: 'app', pod: 'front'})]);
    });

    it('a pod without a container for its namespaces', async () => {
      podman.run('pod', 'create', '--name=front', '--infra=false');
      const app = await podman.contain('app', '--pod=front', '--network=none');
      await checkContainers(podman.host, [named(app, {container_name: 'app', pod: 'front'})]);
    });

    if (layout === 'version 1')
      it('a pod of `podman play kube`', async () => {
        const cart = named(await podman.play('shop', 'cart'), {container_name: 'shop-cart', pod: 'shop'});
        await checkContainers(podman.host, [cart], {pod: {args: ['--pod', 'shop'], selects: [cart]}});
      });

    it('a new name after `podman rename`', async () => {
      const web = await podman.contain('web', '--network=none');
      await checkRename(podman.host, web, ['web', 'shop'], () => {
        podman.run('rename', 'web', 'shop');
      });
    });

    it('a container of another --root', async () => {
      const options = ['--root', podman.host.path('root'), '--runroot', podman.host.path('run')];
      using other = new Podman(podman.host, {options});
      const web = named(await other.contain('web', '--network=none'), {container_name: 'web'});
      await checkContainers(podman.host, [web], {name: {args: ['--container', 'web'], selects: [web]}});
    });

    it('a container that is removed before its events are read', async () => {
      await checkShortLived(podman.host, async () => podman.contain('web', '--network=none', '--rm'));
    });
  });
