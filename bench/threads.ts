/** CPU time and wake-ups of each thread of a process. */
import {readdirSync, readFileSync} from 'node:fs';

export interface Thread {
  readonly name: string;
  /** Voluntary context switches; each follows a wake-up. */
  readonly switches: number;
  readonly cpuNs: number;
}

/** Reads threads by id (proc_pid_status(5); Documentation/scheduler/sched-stats.rst). */
export function readThreads(pid: number): Map<string, Thread> {
  const folder = `/proc/${String(pid)}/task`;
  return new Map(
    readdirSync(folder).map((id) => {
      const status = readFileSync(`${folder}/${id}/status`, 'utf8');
      const switches = Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]);
      const cpuNs = Number(readFileSync(`${folder}/${id}/schedstat`, 'utf8').split(' ')[0]);
      return [id, {name: /^Name:\s+(.*)$/m.exec(status)?.[1] ?? '', switches, cpuNs}];
    }),
  );
}
