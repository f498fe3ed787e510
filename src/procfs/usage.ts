import {readText} from './files.js';

/** What a process has used so far. */
export interface Usage {
  /** User and system time of all its threads. */
  readonly cpuMs: number;
  /** Most memory that it has had at once. */
  readonly peakRssBytes: number;
}

/** USER_HZ, of every architecture that Node.js runs on. */
const TICK_MS = 10;

/** @returns undefined for a process that is gone (proc_pid_stat(5), proc_pid_status(5)) */
export function readUsage(pid: number, root = '/proc'): Usage | undefined {
  const stat = readText(`${root}/${String(pid)}/stat`);
  const peakKb = /^VmHWM:\s+(\d+) kB$/m.exec(readText(`${root}/${String(pid)}/status`) ?? '')?.[1];
  if (stat === undefined || peakKb === undefined) return undefined;
  // behind the name, which may hold anything: state is field 3, utime 14, stime 15
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    peakRssBytes: Number(peakKb) * 1024,
  };
}
