/** Reads command lines of processes. */
import {uptime} from 'node:os';
import {readText} from '../procfs/files.js';
import {fieldsOfStat, TICK_MS} from '../procfs/stat.js';
import type {Subject} from './subject.js';

const MAX_LENGTH = 4096;
const MAX_KNOWN = 16_384;
/** Tolerance of comparisons with times that are multiples of a clock tick. */
const TOLERANCE_MS = 100;

/** Returns the start time of a process in milliseconds since the epoch; undefined if it has exited. */
function startOf(pid: number): number | undefined {
  const stat = readText(`/proc/${String(pid)}/stat`);
  const ticks = stat && fieldsOfStat(stat)[19];
  return ticks === undefined ? undefined : Date.now() + Number(ticks) * TICK_MS - uptime() * 1000;
}

/** Returns false if the process started after this time: it is another one that got the same pid. */
function existedAt(pid: number, time: string): boolean {
  const start = startOf(pid);
  return start !== undefined && start <= Date.parse(time) + TOLERANCE_MS;
}

function readCommandLine(pid: number, time: string | undefined): string | undefined {
  if (time !== undefined && !existedAt(pid, time)) return undefined;
  const words = readText(`/proc/${String(pid)}/cmdline`);
  // empty for kernel threads and zombies
  return words === undefined || words === ''
    ? undefined
    : words.slice(0, MAX_LENGTH).replace(/\0+$/, '').replaceAll('\0', ' ');
}

/**
 * Creates a function that finds command lines and remembers them by process and socket. So a close event after the exit
 * of the process has the same command line as the connect event.
 */
export function createCommandLines(): (subject: Subject) => string | undefined {
  const known = new Map<string, string>();
  return ({pid, inode, time}) => {
    if (pid === undefined) return undefined;
    const key = `${String(pid)}:${String(inode)}`;
    const line = readCommandLine(pid, time) ?? known.get(key);
    if (line === undefined) return undefined;
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(key, line);
    return line;
  };
}
