import {machine, release} from 'node:os';
import type {Probe} from '../kernel/binding.js';
import type {Diagnosis, Finding} from '../model/diagnosis.js';
import {TcptraceError} from '../model/errors.js';
import {NO_FILTER} from '../model/filter.js';
import {type Addon, openAddon} from './addon.js';
import {chooseProbe, PROBES} from './choose.js';
import {readSurroundings} from './privileges.js';
import {NO_KPROBES} from './refusal.js';
import {toTracerOptions} from './tracer-options.js';

/** The addon knows only what an attempt came to. */
function annotate(finding: Finding): Finding {
  if (finding.name !== 'kprobe' || finding.ok || readSurroundings().hasKprobes) return finding;
  return {...finding, detail: NO_KPROBES};
}

const NOTHING = {events: [], ...NO_FILTER};
const SMALLEST = {bufferSizeBytes: 4096, maxConnections: 1};

/** What a trace would take where no feature says that a probe works: only trying tells what the refusals are. */
function tryAuto({Tracer}: Addon): string | null {
  try {
    const attach = (probe: Probe) => new Tracer(toTracerOptions(probe, NOTHING, SMALLEST));
    const chosen = chooseProbe('auto', {attach, readSurroundings, mayFallBack: true});
    if (chosen.probe !== 'proc') chosen.tracer.close();
    return chosen.probe;
  } catch (error) {
    if (error instanceof TcptraceError) return null;
    throw error;
  }
}

/** @throws TcptraceError where the addon cannot be loaded */
export function diagnose(): Diagnosis {
  const addon = openAddon();
  const features = addon.features().map(annotate);
  const works = new Set(features.filter(({ok}) => ok).map(({name}) => name));
  const probe = PROBES.find((name) => works.has(name)) ?? tryAuto(addon);
  return {kernel: release(), arch: machine(), features, probe};
}
