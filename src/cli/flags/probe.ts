/** Flags that say how to look, eBPF or /proc, and by which bounds. What would have no effect is refused. */
import path from 'node:path';
import {parseDuration} from '../../model/duration.js';
import {usageError} from '../../model/errors.js';
import {parseSize} from '../../model/size.js';
import type {ProbeChoice} from '../../sources/choose.js';
import type {KernelLimits} from '../../filter/encode.js';
import {DEFAULT_INTERVAL_MS, DEFAULT_LIMITS} from '../../trace-options.js';
import {readOptional} from './read.js';
import {parseFile, parseMaxConnections} from './values.js';

export interface ProbeFlags {
  readonly probe: ProbeChoice | undefined;
  readonly proc: boolean;
  readonly interval: string | undefined;
  readonly 'buffer-size': string | undefined;
  readonly 'max-connections': string | undefined;
  readonly btf: string | undefined;
}

export interface ProbeOptions {
  readonly probe: ProbeChoice;
  readonly limits: KernelLimits;
  readonly intervalMs: number;
  readonly mayFallBack: boolean;
}

const OF_EBPF = ['buffer-size', 'max-connections', 'btf'] as const;

function readProbe({probe, proc}: ProbeFlags): ProbeChoice {
  if (!proc) return probe ?? 'auto';
  if (probe !== undefined && probe !== 'proc')
    throw usageError(`--proc and --probe ${probe} exclude each other`, 'give one of them');
  return 'proc';
}

/** @throws TcptraceError (usage) where a value is wrong, or a flag would have no effect */
export function readProbeOptions(flags: ProbeFlags): ProbeOptions {
  const btf = readOptional('btf', flags.btf, parseFile);
  const options: ProbeOptions = {
    probe: readProbe(flags),
    limits: {
      bufferSizeBytes:
        readOptional('buffer-size', flags['buffer-size'], parseSize) ?? DEFAULT_LIMITS.bufferSizeBytes,
      maxConnections:
        readOptional('max-connections', flags['max-connections'], parseMaxConnections) ??
        DEFAULT_LIMITS.maxConnections,
      ...(btf === undefined ? {} : {btfPath: path.resolve(btf)}),
    },
    // types that were named are there for eBPF
    mayFallBack: btf === undefined,
    intervalMs: readOptional('interval', flags.interval, parseDuration) ?? DEFAULT_INTERVAL_MS,
  };
  if (options.probe !== 'proc' && flags.interval !== undefined)
    throw usageError('--interval is between scans of /proc', 'give it with --proc');
  const useless = options.probe === 'proc' ? OF_EBPF.find((flag) => flags[flag] !== undefined) : undefined;
  if (useless !== undefined) throw usageError(`--${useless} is for eBPF`, 'leave it out with --proc');
  return options;
}
