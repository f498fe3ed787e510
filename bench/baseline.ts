/**
 * Compares the pipeline's speed with baseline.json. Speeds are stored as ratios to JSON.stringify in the same run, so
 * that they hold on other machines.
 */
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {ROOT} from '../test/helpers/machine.js';
import {round} from './report.js';

export const REFERENCE = 'JSON.stringify';

/** A stage below this fraction of its baseline is a regression, not noise. */
const MIN_FRACTION = 0.5;

const FILE = path.join(ROOT, 'bench/baseline.json');

type Ratios = Readonly<Record<string, number>>;

/** @param perSecond events per second of each stage */
function toRatios(perSecond: ReadonlyMap<string, number>): Ratios {
  const reference = perSecond.get(REFERENCE) ?? NaN;
  return Object.fromEntries(
    [...perSecond]
      .filter(([stage]) => stage !== REFERENCE)
      .map(([stage, value]) => [stage, round(value / reference, 3)]),
  );
}

export function saveBaseline(perSecond: ReadonlyMap<string, number>): void {
  writeFileSync(FILE, `${JSON.stringify(toRatios(perSecond), null, 2)}\n`);
}

/** Prints current and baseline ratios; sets exit code 1 if a stage is less than half as fast. */
export function checkBaseline(perSecond: ReadonlyMap<string, number>): void {
  const before = JSON.parse(readFileSync(FILE, 'utf8')) as Ratios;
  const now = toRatios(perSecond);
  const results = Object.entries(now).map(([stage, ratio]) => {
    const was = before[stage];
    const ok = was !== undefined && ratio >= was * MIN_FRACTION;
    console.log(
      `${ok ? 'ok  ' : 'SLOW'} ${stage}: ${String(ratio)} of ${REFERENCE}, ${was === undefined ? 'not in baseline.json' : `was ${String(was)}`}`,
    );
    return ok;
  });
  const passed = results.filter(Boolean).length;
  console.log(`${String(passed)} passed, ${String(results.length - passed)} failed`);
  if (passed < results.length) process.exitCode = 1;
}
