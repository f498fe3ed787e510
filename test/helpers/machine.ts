/** Properties of the machine on which the tests run. */
import {execFileSync} from 'node:child_process';
import {release} from 'node:os';
import path from 'node:path';
import type {Probe} from '#dist/model/event.js';

export const ROOT = path.resolve(import.meta.dirname, '../../..');

/** The probe under test; also the `source` of every event. */
export const PROBE = (process.env.TCPTRACE_PROBE ?? 'tracepoint') as Probe;

export const IS_EMULATED = process.env.TCPTRACE_VM === '1';
/** Slowdown of an emulated machine. */
const SLOWNESS = IS_EMULATED ? 10 : 1;

/** Converts seconds of a timeout to milliseconds, scaled on an emulated machine. */
export function seconds(count: number): number {
  return count * 1000 * SLOWNESS;
}

/** Tolerance when times of two clocks are compared. */
export const CLOCK_SLACK_NS = 100_000n * BigInt(SLOWNESS);

export function kernelIsAtLeast(major: number, minor: number): boolean {
  const [, a = 0, b = 0] = /^(\d+)\.(\d+)/.exec(release())?.map(Number) ?? [];
  return a > major || (a === major && b >= minor);
}

/** Nanoseconds since the epoch, with the microsecond resolution of Node.js. */
export function now(): bigint {
  return BigInt(Math.trunc((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
}

export function hasProgram(name: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$1"', 'sh', name], {stdio: 'ignore'});
    return true;
  } catch {
    return false;
  }
}
