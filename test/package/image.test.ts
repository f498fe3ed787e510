/** The container image, with the command lines of docs/containers.md. */
import assert from 'node:assert/strict';
import {readFileSync, statSync} from 'node:fs';
import path from 'node:path';
import {ROOT, seconds} from '../helpers/machine.js';
import {type Case, checkContainers} from '../runtimes/contained.js';
import type {Host} from '../runtimes/host.js';
import {needPrograms} from '../runtimes/needs.js';
import {Podman} from '../runtimes/podman.js';
import {ARCHIVE, buildImage, IMAGE} from './image.js';

/** Returns the words of the documented `podman run` command that have this option, up to the image's name. */
function documented(option: string): readonly string[] {
  const text = readFileSync(path.join(ROOT, 'docs/containers.md'), 'utf8').replaceAll('\\\n', '');
  const line = text.split('\n').find((it) => it.startsWith('    podman run') && it.includes(` ${option} `));
  const [command = ''] = /podman run .*? localhost\S+/.exec(line ?? '') ?? [];
  assert.ok(command.endsWith(IMAGE), command);
  return command.replace('=contrib/', `=${ROOT}/contrib/`).split(/ +/).slice(1);
}

/** Options without which the names of containers, or the trace, would be missing. */
const NAMES = '--volume=/var/lib/containers:/var/lib/containers:ro';

describe('container image', function () {
  this.timeout(seconds(300));
  let host: Host | undefined;
  let podman: Podman;

  before(async function () {
    needPrograms(this, 'buildah', 'mmdebstrap', 'podman', 'conmon', 'runc');
    buildImage();
    host = await Podman.host('version 2');
    podman = new Podman(host);
    podman.run('load', '--quiet', '--input', ARCHIVE);
  });

  afterEach(() => {
    podman[Symbol.dispose]();
  });

  after(async () => {
    await host?.[Symbol.asyncDispose]();
  });

  it('is smaller than 200 MB', () => {
    assert.ok(statSync(ARCHIVE).size < 200e6);
  });

  for (const option of ['--privileged', '--cap-drop=ALL'])
    it(`traces all containers with the documented options (${option})`, async () => {
      const web: Case = {
        contained: await podman.contain('web', '--network=none'),
        names: {container_name: 'web'},
      };
      const words = documented(option);
      const tcptrace = podman.command(...words.slice(0, -1), NAMES, IMAGE);
      await checkContainers({tcptrace}, [web], {name: {args: ['--container', 'web'], selects: [web]}});
    });
});
