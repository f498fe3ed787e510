/** Test suites that need eBPF; without it they are skipped, and the reason is printed. */
import {spawnSync} from 'node:child_process';
import {Actor} from './actor.js';
import {ROOT, seconds} from './machine.js';
import {CLI, Tracer} from './tracer.js';

/** Set in emulated machines and by .ci/run: missing eBPF is then a failure. */
const MUST_TRACE = process.env.TCPTRACE_VM === '1' || process.env.TCPTRACE_MUST_TRACE === '1';

let verdict: {readonly reason: string | undefined} | undefined;

/** Returns why eBPF is unavailable, by running `tcptrace doctor` once; undefined if it is available. */
function unavailableReason(): string | undefined {
  if (!verdict) {
    const {status, stdout, stderr} = spawnSync(process.execPath, [CLI, 'doctor'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    verdict = {reason: status === 3 ? `no eBPF on this machine: ${stderr || stdout}`.trim() : undefined};
    if (verdict.reason !== undefined && !MUST_TRACE)
      console.error(`end-to-end tests skipped: ${verdict.reason}`);
  }
  return verdict.reason;
}

/** Skips a test or a suite, prints the reason, and stores it for reporters. */
export function skip(context: Mocha.Context, reason: string): never {
  const runnable = context.test as (Mocha.Runnable & {type?: string}) | undefined;
  const target = runnable?.type === 'hook' ? runnable.parent : runnable;
  if (target) Object.assign(target, {skipReason: reason});
  console.error(`skipped: ${target?.fullTitle() ?? ''}: ${reason}`);
  context.skip();
}

/** Fixtures of a suite. */
export interface Stage {
  /** A new one for each test. */
  readonly actor: Actor;
}

export interface TracedStage extends Stage {
  /** Shared by the suite; traces without filters. */
  readonly tracer: Tracer;
}

/** Defines a suite whose tests start tcptrace themselves. */
export function suite(title: string, body: (stage: Stage) => void): void {
  describe(title, function () {
    const stage: {actor: Actor} = {actor: undefined as unknown as Actor};
    this.timeout(seconds(60));
    before(function () {
      const reason = unavailableReason();
      if (reason === undefined) return;
      if (MUST_TRACE) throw new Error(reason);
      skip(this, reason);
    });
    beforeEach(async () => {
      stage.actor = await Actor.start();
    });
    afterEach(async () => {
      await stage.actor[Symbol.asyncDispose]();
    });
    body(stage);
  });
}

/** Defines a suite whose tests share one running tcptrace. */
export function tracedSuite(title: string, body: (stage: TracedStage) => void): void {
  suite(title, (stage) => {
    const traced = stage as Stage & {tracer: Tracer | undefined};
    before(async () => {
      traced.tracer = await Tracer.start();
    });
    after(async () => {
      await traced.tracer?.[Symbol.asyncDispose]();
    });
    body(traced as TracedStage);
  });
}
