/** Containers of LXC. */
import {type Case, checkContainers, checkShortLived} from './contained.js';
import {Host, layouts} from './host.js';
import {Lxc} from './lxc.js';
import {needPrograms} from './needs.js';

for (const layout of layouts())
  describe(`LXC, cgroup ${layout}`, function () {
    this.timeout(120_000);
    let host: Host | undefined;
    let lxc: Lxc;

    before(async function () {
      needPrograms(this, 'lxc-start', 'lxc-info', 'lxc-ls', 'lxc-stop');
      host = await Host.start(layout);
      lxc = new Lxc(host);
    });

    afterEach(() => {
      lxc[Symbol.dispose]();
    });

    after(async () => {
      await host?.[Symbol.asyncDispose]();
    });

    it('names, which are the ids; and filters', async () => {
      const web: Case = {contained: await lxc.contain('web', 'empty'), names: {container_name: 'web'}};
      const web2: Case = {contained: await lxc.contain('web2', 'none'), names: {container_name: 'web2'}};
      await checkContainers(lxc.host, [web, web2], {
        name: {args: ['--container', 'web'], selects: [web]},
        glob: {args: ['--container', 'w*2'], selects: [web2]},
        'not name': {args: ['--not-container', 'web'], selects: [web2]},
      });
    });

    it('a container that is removed before its events are read', async () => {
      await checkShortLived(lxc.host, async () => lxc.contain('web', 'none'));
    });
  });
