/** Flags that select the source of events, eBPF or /proc, and its limits. */
import path from 'node:path';
import type {KernelLimits} from '../../kernel/binding.js';
import {parseDuration} from '../../model/units/duration.js';
import {usageError} from '../../model/errors.js';
import {MAX_BUFFER_BYTES} from '../../kernel/layout.js';
import {DEFAULT_BUFFER_BYTES, DEFAULT_CONNECTIONS} from '../../model/limits.js';
import {parseSize} from '../../model/units/size.js';
import {PROBE_CHOICES, type ProbeChoice, type SourceChoice} from '../../sources/choose.js';
import {DEFAULT_INTERVAL_MS, DEFAULT_LIMITS} from '../../trace-options.js';
import {choiceFlag, switchFlag, valueFlag, type Values} from './parse/define.js';
import {parseFile, parseMaxConnections} from './parse/values.js';

/** Parses to the absolute path of a BTF file. */
export const btfFlag = valueFlag({
  group: 'source',
  value: 'FILE',
  help: 'BTF of the running kernel, if it is not in /sys/kernel/btf/vmlinux',
  parse: (text) => path.resolve(parseFile(text)),
  completion: {kind: 'file'},
});

/** @param help describes what happens in each interval */
export function intervalFlag(group: 'source' | 'output', help: string) {
  return valueFlag({group, value: 'TIME', help: `${help}; 1s by default`, parse: parseDuration});
}

/** All flags of the probe except `interval`, which differs between commands. */
export const probeFlags = {
  probe: choiceFlag(PROBE_CHOICES, {
    group: 'source',
    value: 'PROBE',
    help: 'eBPF probe, or proc for scans of /proc; auto, the default, uses the first that works',
  }),
  proc: switchFlag({group: 'source', help: 'scan /proc instead of using eBPF; the same as --probe proc'}),
  'buffer-size': valueFlag({
    group: 'source',
    value: 'SIZE',
    help: `size of the ring buffer between kernel and tcptrace; ${String(DEFAULT_BUFFER_BYTES / 2 ** 20)}M by default`,
    parse: (text) => parseSize(text, MAX_BUFFER_BYTES),
  }),
  'max-connections': valueFlag({
    group: 'source',
    value: 'N',
    help: `limit of live connections that eBPF tracks; ${String(DEFAULT_CONNECTIONS)} by default`,
    parse: parseMaxConnections,
  }),
  btf: btfFlag,
};

export type ProbeFlags = Values<typeof probeFlags>;

export interface ProbeOptions {
  readonly source: SourceChoice;
  readonly limits: KernelLimits;
  readonly intervalMs: number;
}

const EBPF_ONLY = ['buffer-size', 'max-connections', 'btf'] as const;

function readProbe({probe, proc}: ProbeFlags): ProbeChoice {
  if (!proc) return probe ?? 'auto';
  if (probe !== undefined && probe !== 'proc')
    throw usageError(`--proc and --probe ${probe} cannot be combined`, 'give one of them');
  return 'proc';
}

/**
 * @param interval milliseconds between scans of /proc, if --interval is only about scans
 * @throws TcptraceError (usage) if a flag would have no effect
 */
export function readProbeOptions(flags: ProbeFlags, interval?: number): ProbeOptions {
  const probe = readProbe(flags);
  const {btf} = flags;
  if (probe !== 'proc' && interval !== undefined)
    throw usageError('--interval applies to scans of /proc', 'add --proc');
  const useless = probe === 'proc' ? EBPF_ONLY.find((flag) => flags[flag] !== undefined) : undefined;
  if (useless !== undefined) throw usageError(`--${useless} applies to eBPF`, 'leave it out with --proc');
  return {
    // a BTF file has a purpose with eBPF only
    source: probe === 'auto' && btf !== undefined ? 'ebpf' : probe,
    limits: {
      bufferSizeBytes: flags['buffer-size'] ?? DEFAULT_LIMITS.bufferSizeBytes,
      maxConnections: flags['max-connections'] ?? DEFAULT_LIMITS.maxConnections,
      ...(btf === undefined ? {} : {btfPath: btf}),
    },
    intervalMs: interval ?? DEFAULT_INTERVAL_MS,
  };
}
