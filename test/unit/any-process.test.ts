/** Parses malformed files of /proc/PID: never throws. */
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {cgroupsOfProcess} from '#dist/enrich/cgroups.js';
import {findContainers} from '#dist/enrich/container-id.js';
import {findDescendants} from '#dist/procfs/descendants.js';
import {findHidden} from '#dist/procfs/hidden.js';
import {readUsage} from '#dist/procfs/usage.js';
import {ProcTree} from '../helpers/proc-tree.js';
import {runs} from '../helpers/runs.js';

const name = fc.oneof(
  fc.constantFrom('cat', ') R 7 ', '(((', '\n', ')'),
  fc.string({unit: 'binary', maxLength: 16}),
);
const field = fc.oneof(
  {weight: 9, arbitrary: fc.constantFrom('0', '1', '7', '8', '-1', '2097152', '18446744073709551615')},
  {weight: 1, arbitrary: fc.constantFrom('', 'x', 'R', 'Z', ')', '9'.repeat(30))},
);

/** The format of proc_pid_stat(5) with random fields, possibly truncated. */
const anyStat = fc
  .tuple(
    name,
    fc.constantFrom('R', 'S', 'Z', 'X', ''),
    fc.array(field, {maxLength: 50}),
    fc.option(fc.nat(200)),
  )
  .map(([comm, state, fields, length]) =>
    `7 (${comm}) ${[state, ...fields].join(' ')}\n`.slice(0, length ?? undefined),
  );

const component = fc.oneof(
  fc.constantFrom(
    'system.slice',
    'docker',
    '..',
    '',
    `docker-${'a'.repeat(64)}.scope`,
    `crio-conmon-${'b'.repeat(64)}.scope`,
    'f'.repeat(64),
  ),
  fc.string({unit: 'binary', maxLength: 20}),
);
const anyCgroup = fc
  .array(
    fc
      .tuple(fc.constantFrom('0:', '1:cpu', '12:', ''), fc.array(component, {maxLength: 5}))
      .map(([hierarchy, components]) => `${hierarchy}:/${components.join('/')}\n`),
    {maxLength: 4},
  )
  .map((lines) => lines.join(''));

describe('any process files', () => {
  let tree: ProcTree;

  before(() => {
    tree = new ProcTree();
    tree.set(7, {status: 'VmHWM:\t    1024 kB\n', stat: '', netns: 1});
    tree.set(8, {status: '', stat: '8 (child) Z 7 0\n', netns: 1});
  });

  after(() => {
    tree[Symbol.dispose]();
  });

  const put = (file: string, text: string): void => {
    writeFileSync(path.join(tree.root, '7', file), text);
  };

  it('any stat', () => {
    fc.assert(
      fc.property(anyStat, (stat) => {
        put('stat', stat);
        const usage = readUsage(7, tree.root);
        assert.equal(usage?.peakRssBytes, 1024 * 1024);
        assert.ok(findDescendants([7], tree.root).includes(8));
        assert.ok(findHidden(tree.root).processes <= 1);
      }),
      runs(500),
    );
  });

  it('any cgroup', () => {
    let found = 0;
    fc.assert(
      fc.property(anyCgroup, (cgroup) => {
        put('cgroup', cgroup);
        for (const {path: text} of cgroupsOfProcess(7, tree.root)) {
          for (const {id, name} of findContainers(text)) {
            found += 1;
            assert.ok(name !== undefined || text.includes(id));
          }
        }
      }),
      runs(500),
    );
    assert.ok(found > 0);
  });
});
