import {readDirectory, readText} from './files.js';
import {fieldsOfStat, TICK_MS} from './stat.js';

/** CPU time and memory that a process has used so far. */
export interface Usage {
  /** User and system time of all threads; if finer than a clock tick, without exited threads. */
  readonly cpuMs: number;
  /** Peak resident set size. */
  readonly peakRssBytes: number;
}

/** Reads CPU time with nanosecond resolution; 0 without CONFIG_SCHED_INFO (Documentation/scheduler/sched-stats.rst). */
function readThreadsMs(directory: string): number {
  let sumNs = 0;
  for (const thread of readDirectory(`${directory}/task`) ?? [])
    sumNs += Number(readText(`${directory}/task/${thread}/schedstat`)?.split(' ')[0] ?? 0);
  return sumNs / 1e6;
}

/** Reads CPU time in clock ticks. @param stat proc_pid_stat(5) */
function readTicksMs(stat: string): number {
  // state is field 3, utime 14, stime 15
  const fields = fieldsOfStat(stat);
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Reads the usage of a process; undefined if it has exited (proc_pid_stat(5), proc_pid_status(5)). */
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
