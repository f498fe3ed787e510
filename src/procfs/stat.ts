/** USER_HZ, of every architecture that Node.js runs on: the unit of times in /proc/PID/stat. */
export const TICK_MS = 10;

/**
 * The fields of /proc/PID/stat (proc_pid_stat(5)) from the third on: state, parent ...
 *
 * @param stat the file, or as much of its beginning as is of interest
 */
export function fieldsOfStat(stat: string): readonly string[] {
  // behind the name, which may hold anything
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
