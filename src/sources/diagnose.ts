import {machine, release} from 'node:os';
import type {Diagnosis, Finding} from '../model/diagnosis.js';
import {NO_FILTER} from '../filter/filter.js';
import {openAddon} from '../kernel/addon.js';
import type {Addon} from '../kernel/binding.js';
import {type Probe, PROBES} from '../model/event.js';
import {findPrivileges, readSurroundings} from './privileges.js';
import {explainRefusal, isLoadError, type Refusal} from './refusal.js';
import {encodeFilter} from '../filter/encode.js';

const NOTHING = encodeFilter({events: [], ...NO_FILTER});
const SMALLEST = {bufferSizeBytes: 4096, maxConnections: 1};

/** Result of attaching a probe for a moment: its notes, or why it was refused. */
type Trial = {readonly probe: Probe} & ({readonly notes: readonly string[]} | {readonly refusal: Refusal});

function tryProbe({Tracer}: Addon, probe: Probe): Trial {
  try {
    const tracer = new Tracer({probe, ...SMALLEST, filter: NOTHING});
    const {notes} = tracer;
    tracer.close();
    return {probe, notes};
  } catch (error) {
    if (!isLoadError(error)) throw error;
    return {probe, refusal: explainRefusal(probe, error, readSurroundings())};
  }
}

function toFinding(trial: Trial): Finding {
  if ('refusal' in trial) return {name: trial.probe, ok: false, detail: trial.refusal.reason};
  return {name: trial.probe, ok: true, detail: trial.notes.map((note) => `without ${note}`).join(', ')};
}

/** Reports the iterators: every probe runs one when it is attached. */
function findIterators(isAttached: boolean): Finding {
  return {name: 'iterators', ok: isAttached, detail: isAttached ? '' : 'no probe could be loaded'};
}

/** Checks features and probes by using them. @throws TcptraceError if the addon cannot be loaded */
export function diagnose(): Diagnosis {
  const addon = openAddon();
  const trials = PROBES.map((probe) => tryProbe(addon, probe));
  const attached = trials.find((trial) => 'notes' in trial);
  const isUpToKernel = trials.every((trial) => 'refusal' in trial && trial.refusal.lacks === 'support');
  return {
    kernel: release(),
    arch: machine(),
    features: [
      ...addon.features(),
      ...trials.map(toFinding),
      findIterators(attached !== undefined),
      ...findPrivileges(),
    ],
    probe: attached?.probe ?? (isUpToKernel ? 'proc' : null),
  };
}
