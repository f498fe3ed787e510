/** Creates errors of the addon and descriptions of the machine. */
import type {LoadError} from '#dist/kernel/binding.js';
import type {Surroundings} from '#dist/sources/privileges.js';

export function loadError(step: LoadError['step'], errno: number, program = '', log = ''): LoadError {
  const fields = {code: 'ERR_TCPTRACE_LOAD', step, errno, program, log} as const;
  return Object.assign(new Error(`${step} failed`), fields);
}

/** Root on a host that supports every probe. */
export const PRIVILEGED: Surroundings = {
  missingCapabilities: [],
  inUserNamespace: false,
  hasKprobes: true,
  isLockedDown: false,
  perfEventParanoid: 2,
  isMemoryLimited: false,
  hasSeccompFilter: false,
};
