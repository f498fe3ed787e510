/** Containers of a real dockerd. */
import {type Case, checkAskedName, checkContainers, checkRename} from './contained.js';
import {Docker} from './docker.js';
import {needPrograms} from './needs.js';

describe('Docker', function () {
  this.timeout(120_000);

  before(function () {
    needPrograms(this, 'docker', 'dockerd', 'containerd', 'runc');
  });

  it('ids and names; filters; a new name after `docker rename`', async () => {
    await using docker = await Docker.start(() => ({}));
    const web: Case = {
      contained: await docker.contain('web', '--network=none'),
      names: {container_name: 'web'},
    };
    const web2: Case = {
      contained: await docker.contain('web2', '--network=host'),
      names: {container_name: 'web2'},
    };
    await checkContainers(docker.host, [web, web2], {
      name: {args: ['--container', 'web'], selects: [web]},
      id: {args: ['--container', web2.contained.id.slice(0, 12)], selects: [web2]},
      'not name': {args: ['--not-container', 'web'], selects: [web2]},
    });
    await checkRename(docker.host, web.contained, ['web', 'shop'], () => {
      docker.run('rename', 'web', 'shop');
    });
  });

  it('names in the data-root of daemon.json', async () => {
    await using docker = await Docker.start((folder) => ({config: {'data-root': `${folder}/data`}}));
    const web: Case = {
      contained: await docker.contain('web', '--network=none'),
      names: {container_name: 'web'},
    };
    await checkContainers(docker.host, [web], {name: {args: ['--container', 'web'], selects: [web]}});
  });

  it('--container-names: names in a data-root that only the daemon knows', async () => {
    await using docker = await Docker.start((folder) => ({flags: ['--data-root', `${folder}/data`]}));
    await checkAskedName(docker.host, await docker.contain('web', '--network=none'), 'web');
  });
});
