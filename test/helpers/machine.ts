/** Where the tests run, and how slow it is there. */
import {execFileSync} from 'node:child_process';
import {release} from 'node:os';
import path from 'node:path';
import type {Probe} from '#dist/kernel/binding.js';

export const ROOT = path.resolve(import.meta.dirname, '../../..');

/** The probe under test; also the `source` of every event. */
export const PROBE = (process.env.TCPTRACE_PROBE ?? 'tracepoint') as Probe;

export const IS_EMULATED = process.env.TCPTRACE_VM === '1';
/** An emulated machine is that many times slower. */
const SLOWNESS = IS_EMULATED ? 10 : 1;

/** Milliseconds after which something is taken to never come. */
export function seconds(count: number): number {
  return count * 1000 * SLOWNESS;
}

/** Two clocks are never read at the same instant: what the comparison of times allows for. */
export const CLOCK_SLACK_NS = 100_000n * BigInt(SLOWNESS);

export function kernelIsAtLeast(major: number, minor: number): boolean {
  const [, a = 0, b = 0] = /^(\d+)\.(\d+)/.exec(release())?.map(Number) ?? [];
  return a > major || (a === major && b >= minor);
}

/** The wall clock, in nanoseconds since the epoch, as exact as Node.js has it. */
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
