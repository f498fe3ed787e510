/**
 * Distinguishes a signal to the whole process group, such as ctrl-C in a terminal, from a signal to tcptrace alone. Node.js
 * does not show si_code, so another process of the group serves as a witness: a signal to the group terminates it.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {setTimeout} from 'node:timers/promises';
import {readText} from '../../procfs/files.js';
import {findProgram} from '../../procfs/programs.js';

export interface GroupWitness {
  readonly pid: number | undefined;
  /** Resolves to true if the signal that tcptrace just received went to the whole process group. */
  readonly sawSignal: () => Promise<boolean>;
  readonly stop: () => void;
}

/** Time for the kernel to reach every process of a group; kill_pgrp() signals them in one loop. */
const DELIVERY_MS = 20;

/** Returns true if a signal is pending for a process, or the process has exited (proc_pid_status(5)). */
function isSignalled(pid: number): boolean {
  const status = readText(`/proc/${String(pid)}/status`);
  return status === undefined || /^State:\t[ZX]|^(?:SigPnd|ShdPnd):\t0*[1-9a-f]/m.test(status);
}

/** Starts cat(1), which exits at the end of its input and so does not outlive tcptrace. */
function startCat(): ChildProcess | undefined {
  const cat = findProgram('cat');
  if (cat === undefined) return undefined;
  const child = spawn(cat, [], {stdio: ['pipe', 'ignore', 'ignore'], cwd: '/', env: {}});
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  return child;
}

export function startGroupWitness(): GroupWitness {
  const child = startCat();
  return {
    pid: child?.pid,
    async sawSignal() {
      if (child?.pid === undefined) return false;
      await setTimeout(DELIVERY_MS);
      return child.signalCode !== null || isSignalled(child.pid);
    },
    stop: () => void child?.kill('SIGKILL'),
  };
}
