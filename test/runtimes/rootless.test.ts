/** Containers of a rootless Podman. */
import {spawnSync} from 'node:child_process';
import {type Case, checkContainers} from './contained.js';
import type {Host} from './host.js';
import {needPrograms, skipFor} from './needs.js';
import {Podman} from './podman.js';
import {User} from './user.js';

describe('rootless Podman', function () {
  this.timeout(120_000);
  let host: Host | undefined;
  let user: User | undefined;
  let podman: Podman;

  before(async function () {
    needPrograms(this, 'podman', 'conmon', 'runc', 'setpriv', 'newuidmap', 'newgidmap');
    const ids = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    const trial = spawnSync('setpriv', [...ids, 'unshare', '--user', 'true'], {encoding: 'utf8'});
    skipFor(this, trial.status === 0 ? undefined : `no user namespaces: ${trial.stderr.trim()}`);
    // with version 1, rootless containers have no cgroups
    host = await Podman.host('version 2');
    user = new User(host);
    podman = new Podman(host, user);
  });

  after(async () => {
    user?.[Symbol.dispose]();
    await host?.[Symbol.asyncDispose]();
  });

  it('ids, names and pods of the user; and filters', async () => {
    podman.pod('front', '--share-parent=false');
    const web: Case = {
      contained: await podman.contain('web', '--network=none'),
      names: {container_name: 'web'},
    };
    const app: Case = {
      contained: await podman.contain('app', '--pod=front'),
      names: {container_name: 'app', pod: 'front'},
    };
    for (const {contained} of [web, app]) user?.scope(contained);
    await checkContainers(podman.host, [web, app], {
      name: {args: ['--container', 'web'], selects: [web]},
      id: {args: ['--container', web.contained.id.slice(0, 12)], selects: [web]},
      pod: {args: ['--pod', 'front'], selects: [app]},
    });
    podman[Symbol.dispose]();
  });
});
