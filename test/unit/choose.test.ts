import assert from 'node:assert/strict';
import type {LoadError, NativeTracer, Probe} from '#dist/kernel/binding.js';
import {TcptraceError} from '#dist/model/errors.js';
import {chooseProbe} from '#dist/sources/choose.js';
import type {Surroundings} from '#dist/sources/privileges.js';
import {loadError, PRIVILEGED} from './refusals.js';

/** Attaches nothing. */
function tracerOf(probe: Probe): NativeTracer {
  return {notes: [`of ${probe}`]} as unknown as NativeTracer;
}

/** A kernel that refuses some probes; notes what was tried. */
function kernel(refused: Partial<Record<Probe, LoadError>>, surroundings: Surroundings = PRIVILEGED) {
  const tried: Probe[] = [];
  const attach = (probe: Probe): NativeTracer => {
    tried.push(probe);
    const refusal = refused[probe];
    if (refusal !== undefined) throw refusal;
    return tracerOf(probe);
  };
  return {tried, trial: {attach, readSurroundings: () => surroundings}};
}

const EPERM = loadError('load', 1);
const ENOENT = loadError('attach', 2, 'connect_v4');

describe('the choice of a probe', () => {
  it('auto takes the first that attaches, and tries no further', () => {
    const cases: [Partial<Record<Probe, LoadError>>, Probe, Probe[]][] = [
      [{}, 'fentry', ['fentry']],
      [{fentry: EPERM}, 'kprobe', ['fentry', 'kprobe']],
      [{fentry: EPERM, kprobe: ENOENT}, 'tracepoint', ['fentry', 'kprobe', 'tracepoint']],
      [{kprobe: ENOENT, tracepoint: ENOENT}, 'fentry', ['fentry']],
    ];
    for (const [refused, probe, tried] of cases) {
      const stage = kernel(refused);
      const chosen = chooseProbe('auto', stage.trial);
      assert.deepEqual([chosen.probe, chosen.tracer.notes, stage.tried], [probe, [`of ${probe}`], tried]);
    }
  });

  it('one that is asked for is taken, or that is an error', () => {
    for (const probe of ['fentry', 'kprobe', 'tracepoint'] as const) {
      const works = kernel({});
      assert.equal(chooseProbe(probe, works.trial).probe, probe);
      assert.deepEqual(works.tried, [probe]);
    }
    const refuses = kernel({kprobe: ENOENT}, {...PRIVILEGED, hasKprobes: false});
    assert.throws(
      () => chooseProbe('kprobe', refuses.trial),
      new TcptraceError(
        'cannot trace: kprobe: this kernel has no kprobes (CONFIG_KPROBES)',
        3,
        'tcptrace doctor shows what works here',
      ),
    );
    assert.deepEqual(refuses.tried, ['kprobe']);
  });

  it('when all are refused, each says why', () => {
    const stage = kernel(
      {fentry: EPERM, kprobe: ENOENT, tracepoint: loadError('load', 22, 'set_state', 'invalid access\n')},
      {...PRIVILEGED, hasKprobes: false},
    );
    assert.throws(
      () => chooseProbe('auto', stage.trial),
      new TcptraceError(
        'cannot trace: fentry: this kernel refuses fentry programs (EPERM); ' +
          'kprobe: this kernel has no kprobes (CONFIG_KPROBES); ' +
          'tracepoint: load of set_state failed: EINVAL: invalid access',
        3,
        'tcptrace doctor shows what works here',
      ),
    );
  });

  it('a remedy that is not for all of them is not given', () => {
    const ENOMEM = loadError('load', 12);
    const stage = kernel(
      {fentry: ENOMEM, kprobe: ENOENT, tracepoint: ENOMEM},
      {...PRIVILEGED, hasKprobes: false},
    );
    assert.throws(
      () => chooseProbe('auto', stage.trial),
      (error) => error instanceof TcptraceError && error.hint === 'tcptrace doctor shows what works here',
    );
  });

  it('one reason that all have is said once, with its remedy', () => {
    const surroundings = {...PRIVILEGED, missingCapabilities: ['CAP_BPF', 'CAP_PERFMON']};
    const stage = kernel({fentry: EPERM, kprobe: EPERM, tracepoint: EPERM}, surroundings);
    assert.throws(
      () => chooseProbe('auto', stage.trial),
      new TcptraceError('cannot trace: not permitted: CAP_BPF, CAP_PERFMON missing', 3, 'run it with sudo'),
    );
  });

  it('what is no refusal ends the search', () => {
    const mistake = new TypeError('probe must be one of');
    const tried: Probe[] = [];
    const attach = (probe: Probe): NativeTracer => {
      tried.push(probe);
      throw mistake;
    };
    assert.throws(() => chooseProbe('auto', {attach, readSurroundings: () => PRIVILEGED}), mistake);
    assert.deepEqual(tried, ['fentry']);
  });
});
