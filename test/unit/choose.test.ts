import assert from 'node:assert/strict';
import type {LoadError, NativeTracer} from '#dist/kernel/binding.js';
import type {Probe} from '#dist/model/event.js';
import {TcptraceError} from '#dist/model/errors.js';
import {chooseProbe} from '#dist/sources/choose.js';
import type {Surroundings} from '#dist/sources/privileges.js';
import {loadError, PRIVILEGED} from './refusals.js';

/** A tracer that is not attached. */
function tracerOf(probe: Probe): NativeTracer {
  return {notes: [`of ${probe}`]} as unknown as NativeTracer;
}

/** Simulates a kernel that refuses some probes; records the attempts. */
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

describe('choice of a probe', () => {
  it('auto uses the first probe that attaches', () => {
    const cases: [Partial<Record<Probe, LoadError>>, Probe, Probe[]][] = [
      [{}, 'fentry', ['fentry']],
      [{fentry: EPERM}, 'kprobe', ['fentry', 'kprobe']],
      [{fentry: EPERM, kprobe: ENOENT}, 'tracepoint', ['fentry', 'kprobe', 'tracepoint']],
      [{kprobe: ENOENT, tracepoint: ENOENT}, 'fentry', ['fentry']],
    ];
    for (const [refused, probe, tried] of cases) {
      const stage = kernel(refused);
      const chosen = chooseProbe('auto', stage.trial);
      assert.ok(chosen.source !== 'proc');
      assert.deepEqual([chosen.source, chosen.tracer.notes, stage.tried], [probe, [`of ${probe}`], tried]);
    }
  });

  it('auto does not try kprobe on a kernel without kprobes', () => {
    const stage = kernel({fentry: EPERM, kprobe: ENOENT}, {...PRIVILEGED, hasKprobes: false});
    assert.equal(chooseProbe('auto', stage.trial).source, 'tracepoint');
    assert.deepEqual(stage.tried, ['fentry', 'tracepoint']);
  });

  it('a selected probe is used or fails', () => {
    for (const probe of ['fentry', 'kprobe', 'tracepoint'] as const) {
      const works = kernel({});
      assert.equal(chooseProbe(probe, works.trial).source, probe);
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

  it('auto falls back to /proc if the kernel refuses all probes, with each reason', () => {
    const stage = kernel(
      {fentry: EPERM, kprobe: ENOENT, tracepoint: loadError('load', 22, 'set_state', 'invalid access\n')},
      {...PRIVILEGED, hasKprobes: false},
    );
    assert.deepEqual(chooseProbe('auto', stage.trial), {
      source: 'proc',
      why:
        'fentry: this kernel refuses fentry programs (EPERM); ' +
        'tracepoint: load of set_state failed: EINVAL: invalid access; ' +
        'kprobe: this kernel has no kprobes (CONFIG_KPROBES)',
    });
  });

  it('auto falls back to /proc without BTF, without BPF, or under lockdown', () => {
    const NO_BTF = loadError('open', 2, '', '/sys/kernel/btf/vmlinux');
    const ENOSYS = loadError('load', 38);
    const everywhere = (error: LoadError) => ({fentry: error, kprobe: error, tracepoint: error});
    const unprivileged = {...PRIVILEGED, missingCapabilities: ['CAP_BPF', 'CAP_PERFMON']};
    const cases = [
      [NO_BTF, unprivileged],
      [ENOSYS, unprivileged],
      [EPERM, {...PRIVILEGED, isLockedDown: true}],
    ] as const;
    for (const [error, surroundings] of cases)
      assert.equal(chooseProbe('auto', kernel(everywhere(error), surroundings).trial).source, 'proc');
    for (const probe of ['fentry', 'kprobe', 'tracepoint'] as const)
      assert.throws(() => chooseProbe(probe, kernel(everywhere(NO_BTF)).trial), {exitCode: 3});
  });

  it('auto does not fall back if memory, descriptors or privileges are missing', () => {
    const noKprobes = {...PRIVILEGED, hasKprobes: false};
    const without = (errno: number) =>
      kernel({fentry: EPERM, kprobe: ENOENT, tracepoint: loadError('load', errno)}, noKprobes).trial;
    const [memory, descriptors] = ['try a smaller --buffer-size or --max-connections', 'raise ulimit -n'];
    assert.throws(() => chooseProbe('auto', without(12)), {exitCode: 3, message: /ENOMEM/, hint: memory});
    assert.throws(() => chooseProbe('auto', without(24)), {
      exitCode: 3,
      message: /EMFILE/,
      hint: descriptors,
    });
    const refused = {fentry: EPERM, kprobe: EPERM, tracepoint: EPERM};
    const inContainer = kernel(refused, {...PRIVILEGED, inUserNamespace: true});
    assert.throws(() => chooseProbe('auto', inContainer.trial), {
      exitCode: 3,
      message: 'cannot trace: not permitted in a user namespace',
    });
  });

  it('auto does not fall back if /proc is not allowed', () => {
    const {trial} = kernel({fentry: EPERM, kprobe: EPERM, tracepoint: EPERM});
    assert.throws(() => chooseProbe('ebpf', trial), {exitCode: 3});
  });

  it('gives no hint if the hints of the probes differ', () => {
    const stage = kernel(
      {fentry: loadError('load', 12), kprobe: ENOENT, tracepoint: loadError('load', 24)},
      {...PRIVILEGED, hasKprobes: false},
    );
    assert.throws(
      () => chooseProbe('auto', stage.trial),
      (error) => error instanceof TcptraceError && error.hint === 'tcptrace doctor shows what works here',
    );
  });

  it('gives a common reason once, with its hint', () => {
    const surroundings = {...PRIVILEGED, missingCapabilities: ['CAP_BPF', 'CAP_PERFMON']};
    const stage = kernel({fentry: EPERM, kprobe: EPERM, tracepoint: EPERM}, surroundings);
    assert.throws(
      () => chooseProbe('auto', stage.trial),
      new TcptraceError(
        'cannot trace: not permitted: CAP_BPF, CAP_PERFMON missing',
        3,
        'run it with sudo, or use --proc, which needs no privileges',
      ),
    );
  });

  it('stops at an error that is not a refusal by the kernel', () => {
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
