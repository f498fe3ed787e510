/** Decides whether the tests of a container runtime can run; if not, returns the reason. */
import {spawnSync} from 'node:child_process';
import {findProgram} from '#dist/procfs/programs.js';
import {CLI} from '../helpers/tracer.js';
import {skip} from '../helpers/suite.js';

/** Set by .ci/run where namespaces and cgroups can be made: no test may be skipped then. */
const MUST_RUN = process.env.TCPTRACE_MUST_RUN_CONTAINERS === '1';

const COMMON = ['busybox', 'ip', 'nsenter', 'unshare'];

function whyNot(programs: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can make the namespaces';
  const missing = [...COMMON, ...programs].filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) return `not installed: ${missing.join(', ')} (bin/setup --ci installs them)`;
  const trial = spawnSync('unshare', ['--mount', '--net', 'mount', '-t', 'tmpfs', 'none', '/run'], {
    encoding: 'utf8',
  });
  if (trial.status !== 0) return `no namespaces: ${trial.stderr.trim()}`;
  const doctor = spawnSync(process.execPath, [CLI, 'doctor'], {encoding: 'utf8'});
  return doctor.status === 3
    ? `no eBPF on this machine: ${doctor.stderr || doctor.stdout}`.trim()
    : undefined;
}

/** Skips the suite if a program is missing, or if this machine refuses namespaces or eBPF. */
export function needPrograms(context: Mocha.Context, ...programs: readonly string[]): void {
  skipFor(context, whyNot(programs));
}

/** Skips a test or a suite if there is a reason, which is a failure where containers must run. */
export function skipFor(context: Mocha.Context, reason: string | undefined): void {
  if (reason === undefined) return;
  if (MUST_RUN) throw new Error(reason);
  skip(context, reason);
}
