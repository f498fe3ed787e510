import assert from 'node:assert/strict';
import {arch, release} from 'node:os';
import {type Result, tcptrace} from './run.js';

interface Feature {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

interface Diagnosis {
  readonly kernel: string;
  readonly arch: string;
  readonly features: readonly Feature[];
  readonly probe: string | null;
}

const PROBES = ['fentry', 'kprobe', 'tracepoint'];

const VERDICTS = new Map([
  [null, 'no eBPF probe works here; --proc shows what can be seen without'],
  ['proc', 'no eBPF probe works here; --probe auto falls back to /proc'],
]);

function diagnose(env: NodeJS.ProcessEnv = {}): Result & {readonly diagnosis: Diagnosis} {
  const result = tcptrace(['doctor', '--json'], env);
  return {...result, diagnosis: JSON.parse(result.stdout) as Diagnosis};
}

function cells(row: string): string[] {
  return row
    .split('│')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

describe('doctor', function () {
  this.slow(2000);

  it('--json: prints one consistent document', () => {
    const {diagnosis, status, stderr} = diagnose();
    assert.deepEqual(Object.keys(diagnosis), ['kernel', 'arch', 'features', 'probe']);
    assert.equal(diagnosis.kernel, release());
    assert.equal(diagnosis.arch, arch() === 'x64' ? 'x86_64' : 'aarch64');
    for (const feature of diagnosis.features) {
      assert.deepEqual(Object.keys(feature), ['name', 'ok', 'detail']);
      assert.deepEqual(
        [typeof feature.name, typeof feature.ok, typeof feature.detail],
        ['string', 'boolean', 'string'],
      );
      if (!feature.ok) assert.notEqual(feature.detail, '', `why not ${feature.name}`);
    }
    const names = diagnosis.features.map(({name}) => name);
    assert.equal(new Set(names).size, names.length);
    const works = PROBES.filter((probe) => diagnosis.features.some(({name, ok}) => name === probe && ok));
    if (works[0] !== undefined) assert.equal(diagnosis.probe, works[0]);
    else assert.ok(diagnosis.probe === null || diagnosis.probe === 'proc', String(diagnosis.probe));
    assert.deepEqual([status, stderr], [works.length > 0 ? 0 : 3, '']);
  });

  it('the table agrees with --json and has no color in a pipe', () => {
    const {diagnosis} = diagnose();
    const {stdout, stderr, status} = tcptrace(['doctor']);
    const [title, , header = '', ...rest] = stdout.trimEnd().split('\n');
    assert.equal(title, `Linux ${release()} ${diagnosis.arch}`);
    assert.deepEqual(cells(header), ['FEATURE', 'WORKS', 'DETAIL']);
    assert.deepEqual(
      rest.slice(0, -2).map(cells),
      diagnosis.features.map(({name, ok, detail}) => [name, ok ? 'yes' : 'no', detail]),
    );
    assert.equal(
      rest.at(-1),
      VERDICTS.get(diagnosis.probe) ?? `--probe auto takes ${String(diagnosis.probe)}`,
    );
    assert.doesNotMatch(stdout, /\x1b/);
    assert.deepEqual([stderr, status], ['', VERDICTS.has(diagnosis.probe) ? 3 : 0]);
  });

  it('names the probe that watch uses', () => {
    const {probe} = diagnose().diagnosis;
    const {status, stderr} = tcptrace(['watch', '--duration', '1ms', '--ndjson']);
    if (probe === null) assert.equal(status, 3);
    else assert.match(stderr, new RegExp(`^tcptrace: tracing with ${probe} \\(ready\\)$`, 'm'));
  });

  it('color: flag, then NO_COLOR, then FORCE_COLOR', () => {
    const cases: [string[], NodeJS.ProcessEnv, boolean][] = [
      [[], {FORCE_COLOR: '1'}, true],
      [[], {FORCE_COLOR: '1', NO_COLOR: '1'}, false],
      [['--color', 'always'], {NO_COLOR: '1'}, true],
      [['--color', 'never'], {FORCE_COLOR: '1'}, false],
    ];
    for (const [args, env, isColored] of cases) {
      const {stdout, stderr} = tcptrace(['doctor', ...args], env);
      const what = `${args.join(' ')} ${JSON.stringify(env)}`;
      assert.equal(stdout.includes('\x1b[1mFEATURE\x1b[22m'), isColored, what);
      assert.equal(stdout.includes('\x1b'), isColored, what);
      assert.equal(stderr, '', what);
    }
  });

  it('--json is never colored', () => {
    assert.doesNotMatch(diagnose({FORCE_COLOR: '3'}).stdout, /\x1b/);
    assert.doesNotMatch(tcptrace(['doctor', '--json', '--color', 'always']).stdout, /\x1b/);
  });

  it('prints messages of libbpf only with DEBUG', () => {
    assert.match(diagnose({DEBUG: 'tcptrace'}).stderr, /^libbpf: /m);
    for (const DEBUG of ['', 'express']) assert.equal(diagnose({DEBUG}).stderr, '');
  });
});
