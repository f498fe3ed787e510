/** Describes processes that the trace of a command does not cover: those that outlive it, and those that a daemon starts. */
import path from 'node:path';
import {findThreadGroup, readProcess} from '../../procfs/processes.js';
import {readText} from '../../procfs/files.js';
import {fieldsOfStat} from '../../procfs/stat.js';

/** Limit of processes that a message names. */
const MAX_NAMED = 3;

/** Returns true if an id belongs to a running process: not a thread, not a zombie (proc_pid_stat(5)). */
function isRunning(pid: number): boolean {
  const stat = readText(`/proc/${String(pid)}/stat`);
  if (stat === undefined || findThreadGroup(pid) !== pid) return false;
  return !['Z', 'X'].includes(fieldsOfStat(stat)[0] ?? 'X');
}

/**
 * Describes the processes that a command left running; undefined if it left none.
 *
 * @param pids processes that the trace followed
 */
export function describeLeftBehind(pids: readonly number[]): string | undefined {
  const left = [...new Set(pids)].filter(isRunning);
  if (left.length === 0) return undefined;
  const named = left
    .slice(0, MAX_NAMED)
    .map((pid) => `${readProcess('/proc', pid).comm ?? ''}[${String(pid)}]`);
  const more = left.length > MAX_NAMED ? ', ...' : '';
  const count = left.length === 1 ? '1 process' : `${String(left.length)} processes`;
  return (
    `the command left ${count} running, no longer traced: ${named.join(', ')}${more}; ` +
    `to trace more, use --pid ${left.slice(0, MAX_NAMED).join(',')} --follow`
  );
}

/** Programs that ask a daemon to start processes. */
const CLIENTS = ['docker', 'nerdctl', 'ctr', 'crictl', 'kubectl', 'systemctl', 'systemd-run', 'machinectl'];

/** Warns of a command that asks a daemon to start processes, which are not descendants of tcptrace; else undefined. */
export function describeClient(words: readonly string[]): string | undefined {
  const [program = ''] = path.basename(words[0] ?? '') === 'sudo' ? words.slice(1) : words;
  const name = path.basename(program);
  if (!CLIENTS.includes(name)) return undefined;
  return `processes that a daemon starts for ${name} are not traced; use --container NAME or --cgroup PATH without a command`;
}
