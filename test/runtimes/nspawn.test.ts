/** Containers of systemd-nspawn. */
import {type Case, checkContainers, checkShortLived} from './contained.js';
import {Host, layouts} from './host.js';
import {needPrograms} from './needs.js';
import {Nspawn} from './nspawn.js';

for (const layout of layouts())
  describe(`systemd-nspawn, cgroup ${layout}`, function () {
    this.timeout(120_000);
    let host: Host | undefined;
    let nspawn: Nspawn;

    before(async function () {
      needPrograms(this, 'systemd-nspawn');
      host = await Host.start(layout);
      nspawn = new Nspawn(host);
    });

    afterEach(async () => {
      await nspawn[Symbol.asyncDispose]();
    });

    after(async () => {
      await host?.[Symbol.asyncDispose]();
    });

    it('names, which are the ids; and filters', async () => {
      const web: Case = {
        contained: await nspawn.contain('web', '--private-network'),
        names: {container_name: 'web'},
      };
      const web2: Case = {contained: await nspawn.contain('web2'), names: {container_name: 'web2'}};
      await checkContainers(nspawn.host, [web, web2], {
        name: {args: ['--container', 'web'], selects: [web]},
        glob: {args: ['--container', 'w*2'], selects: [web2]},
        'not name': {args: ['--not-container', 'web'], selects: [web2]},
      });
    });

    it('a container that is removed before its events are read', async () => {
      await checkShortLived(nspawn.host, async () => nspawn.contain('web'));
    });
  });
