/** Unit of times in /proc/PID/stat: USER_HZ is 100 on every architecture that Node.js supports. */
export const TICK_MS = 10;

/**
 * Returns the fields of /proc/PID/stat (proc_pid_stat(5)) from the third on: state, parent, ...
 *
 * @param stat text of the file, or a prefix of it
 */
export function fieldsOfStat(stat: string): readonly string[] {
  // the second field, the name, may contain any character
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
