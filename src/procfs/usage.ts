import {readDirectory, readText} from './files.js';
import {fieldsOfStat, TICK_MS} from './stat.js';

/** What a process has used so far. */
export interface Usage {
  /** User and system time of all its threads; without those that have ended, where it is known finer than a tick. */
  readonly cpuMs: number;
  /** Most memory that it has had at once. */
  readonly peakRssBytes: number;
}

/** To the nanosecond, where the kernel tells (CONFIG_SCHED_INFO; Documentation/scheduler/sched-stats.rst). */
function readThreadsMs(directory: string): number {
  let sumNs = 0;
  for (const thread of readDirectory(`${directory}/task`) ?? [])
    sumNs += Number(readText(`${directory}/task/${thread}/schedstat`)?.split(' ')[0] ?? 0);
  return sumNs / 1e6;
}

/** To a tick. @param stat proc_pid_stat(5) */
function readTicksMs(stat: string): number {
  // state is field 3, utime 14, stime 15
  const fields = fieldsOfStat(stat);
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** @returns undefined for a process that is gone (proc_pid_stat(5), proc_pid_status(5)) */
export function readUsage(pid: number, root = '/proc'): Usage | undefined {
  const directory = `${root}/${String(pid)}`;
  const stat = readText(`${directory}/stat`);
  const peakKb = /^VmHWM:\s+(\d+) kB$/m.exec(readText(`${directory}/status`) ?? '')?.[1];
  if (stat === undefined || peakKb === undefined) return undefined;
  return {
    cpuMs: readThreadsMs(directory) || readTicksMs(stat),
    peakRssBytes: Number(peakKb) * 1024,
  };
}
