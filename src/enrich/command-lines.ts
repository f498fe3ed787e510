/** Command lines of processes. */
import {uptime} from 'node:os';
import {readText} from '../procfs/files.js';
import {fieldsOfStat, TICK_MS} from '../procfs/stat.js';
import type {Subject} from './subject.js';

const MAX_LENGTH = 4096;
const MAX_KNOWN = 16_384;
/** The clocks that are compared are not finer than ticks. */
const TOLERANCE_MS = 100;

/** In milliseconds since the epoch; undefined where the process is gone. */
function startOf(pid: number): number | undefined {
  const stat = readText(`/proc/${String(pid)}/stat`);
  const ticks = stat && fieldsOfStat(stat)[19];
  return ticks === undefined ? undefined : Date.now() + Number(ticks) * TICK_MS - uptime() * 1000;
}

/** A process that is younger than what happened only has the same id. */
function wasThere(pid: number, time: string): boolean {
  const start = startOf(pid);
  return start !== undefined && start <= Date.parse(time) + TOLERANCE_MS;
}

function readCommandLine(pid: number, time: string | undefined): string | undefined {
  if (time !== undefined && !wasThere(pid, time)) return undefined;
  const words = readText(`/proc/${String(pid)}/cmdline`);
  // a kernel thread, or a zombie, has none
  return words === undefined || words === ''
    ? undefined
    : words.slice(0, MAX_LENGTH).replace(/\0+$/, '').replaceAll('\0', ' ');
}

/** Remembers by process and socket, so that the close of a process that is gone has what its connect had. */
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
