import {machine, release} from 'node:os';
import type {Diagnosis, Finding} from '../model/diagnosis.js';
import {openAddon} from './addon.js';
import {PROBES} from './choose.js';
import {readSurroundings} from './privileges.js';
import {NO_KPROBES} from './refusal.js';

/** The addon knows only what an attempt came to. */
function annotate(finding: Finding): Finding {
  if (finding.name !== 'kprobe' || finding.ok || readSurroundings().hasKprobes) return finding;
  return {...finding, detail: NO_KPROBES};
}

/** @throws TcptraceError where the addon cannot be loaded */
export function diagnose(): Diagnosis {
  const features = openAddon().features().map(annotate);
  const works = new Set(features.filter(({ok}) => ok).map(({name}) => name));
  const probe = PROBES.find((name) => works.has(name)) ?? null;
  return {kernel: release(), arch: machine(), features, probe};
}
