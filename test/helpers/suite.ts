/** Suites that need a kernel and privileges for eBPF: skipped, with the reason said, where there are none. */
import {spawnSync} from 'node:child_process';
import {Actor} from './actor.js';
import {ROOT, seconds} from './machine.js';
import {CLI, Tracer} from './tracer.js';

/** In an emulated machine, and where .ci/run says so: that tcptrace finds no eBPF is a failure then. */
const MUST_TRACE = process.env.TCPTRACE_VM === '1' || process.env.TCPTRACE_MUST_TRACE === '1';

let verdict: {readonly reason: string | undefined} | undefined;

/** Why nothing can be traced on this machine; doctor says so by its exit code, and then in words. */
function whyNot(): string | undefined {
  if (!verdict) {
    const {status, stdout, stderr} = spawnSync(process.execPath, [CLI, 'doctor'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    verdict = {reason: status === 3 ? `no eBPF here: ${stderr || stdout}`.trim() : undefined};
    if (verdict.reason !== undefined && !MUST_TRACE)
      console.error(`end-to-end tests skipped: ${verdict.reason}`);
  }
  return verdict.reason;
}

/** Skips a test or a suite in a way that shows; the reason is there for reporters, too. */
export function skip(context: Mocha.Context, reason: string): never {
  const runnable = context.test as (Mocha.Runnable & {type?: string}) | undefined;
  const target = runnable?.type === 'hook' ? runnable.parent : runnable;
  if (target) Object.assign(target, {skipReason: reason});
  console.error(`skipped: ${target?.fullTitle() ?? ''}: ${reason}`);
  context.skip();
}

/** What each test gets. */
export interface Stage {
  /** New for each test. */
  readonly actor: Actor;
}

export interface TracedStage extends Stage {
  /** One for the whole suite, without filters. */
  readonly tracer: Tracer;
}

/** A suite of tests that start tcptrace themselves. */
export function suite(title: string, body: (stage: Stage) => void): void {
  describe(title, function () {
    const stage: {actor: Actor} = {actor: undefined as unknown as Actor};
    this.timeout(seconds(60));
    before(function () {
      const reason = whyNot();
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

/** A suite whose tests share one running tcptrace. */
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
