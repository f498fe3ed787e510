/** tcptrace in a container that has a private cgroup namespace, the default of runtimes with cgroup version 2. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import path from 'node:path';
import {findMount} from '#dist/enrich/cgroups.js';
import {TCPTRACE, Tracer} from '../helpers/tracer.js';
import {ROOT} from '../helpers/machine.js';
import {type Case, checkContainers, connectAndExit} from './contained.js';
import {type CgroupLayout, type Host, layouts} from './host.js';
import {IMAGE} from './image.js';
import {needPrograms} from './needs.js';
import {Podman} from './podman.js';

/** Files that Node.js and the addon need: the image has no libraries. */
function libraries(): readonly string[] {
  const files = [process.execPath, path.join(ROOT, 'build/Release/tcptrace.node')];
  const text = execFileSync('ldd', files, {encoding: 'utf8'});
  return [...new Set([...text.matchAll(/\/\S+(?= \()/g)].map(([file]) => file))];
}

function readOnly(file: string): string {
  return `--volume=${file}:${file}:ro`;
}

/** Names come from Podman's files. */
const MOUNTS = [process.execPath, ROOT, '/sys/kernel/tracing', '/var/lib/containers', ...libraries()].map(
  readOnly,
);

/** Enough for tracing, but not for cgroups outside of the namespace. */
const LEAST = ['--cap-drop=all', '--cap-add=bpf,perfmon,sys_ptrace', '--security-opt=seccomp=unconfined'];

const WITHOUT = 'without the containers of processes that exit soon';

interface Variant {
  readonly title: string;
  readonly flags: readonly string[];
  readonly mountsCgroups?: boolean;
  /** Expected end of the notice; undefined: no notice, because all cgroups are known. */
  readonly notice?: Readonly<Partial<Record<CgroupLayout, string>>>;
}

const REMEDY = 'or add CAP_SYS_ADMIN and CAP_DAC_READ_SEARCH';
const NOT_MOUNTED = `no cgroup2 file system is mounted; mount it at /sys/fs/cgroup, ${REMEDY}`;
const PRIVATE = `a private cgroup namespace hides them; run the container with --cgroupns=host, ${REMEDY}`;

const VARIANTS: readonly Variant[] = [
  {
    title: '--cgroupns=private',
    flags: ['--cgroupns=private'],
    notice: {'version 1': NOT_MOUNTED, 'version 2': PRIVATE},
  },
  {title: '--cgroupns=host', flags: ['--cgroupns=host'], notice: {'version 1': NOT_MOUNTED}},
  {
    title: 'the cgroup2 file system of the host',
    flags: ['--cgroupns=private'],
    mountsCgroups: true,
  },
];

function cgroupVolume(layout: CgroupLayout): string {
  return `--volume=${layout === 'version 2' ? '/sys/fs/cgroup' : (findMount() ?? '')}:/mnt:ro`;
}

for (const layout of layouts())
  describe(`tcptrace in a container, cgroup ${layout}`, function () {
    this.timeout(120_000);
    let host: Host | undefined;
    let podman: Podman;

    function inside(...flags: readonly string[]): readonly string[] {
      return podman.command(
        'run',
        '--rm',
        '--pid=host',
        '--network=host',
        ...MOUNTS,
        ...flags,
        IMAGE,
        ...TCPTRACE,
      );
    }

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

    it('privileged: every event has its container and its name', async () => {
      const web: Case = {
        contained: await podman.contain('web', '--network=none'),
        names: {container_name: 'web'},
      };
      const tcptrace = inside('--privileged', '--cgroupns=private');
      await checkContainers({tcptrace}, [web], {name: {args: ['--container', 'web'], selects: [web]}});
    });

    for (const {title, flags, mountsCgroups = false, notice} of VARIANTS)
      it(`with few capabilities and ${title}: every event has its container, or a notice names the remedy`, async () => {
        const web = await podman.contain('web', '--network=none', '--rm');
        const tcptrace = inside(...LEAST, ...flags, ...(mountsCgroups ? [cgroupVolume(layout)] : []));
        await using tracer = await Tracer.start(['--containers'], {}, ['watch', '--ndjson'], tcptrace);
        const check = await connectAndExit(web);
        const {stderr, events} = await tracer.stop();
        const [line, ...others] = stderr.split('\n').filter((it) => it.includes(WITHOUT));
        const text = notice?.[layout];
        assert.deepEqual([line, ...others], [text && `tcptrace: ${WITHOUT}: ${text}`]);
        if (text === undefined) check(events);
      });
  });
