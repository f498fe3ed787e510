/** Runs the traced command as the user of sudo(8), not as root. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {accessSync, existsSync, constants as modes, statSync} from 'node:fs';
import {constants} from 'node:os';
import {isatty} from 'node:tty';
import {ExitCode, TcptraceError} from '../../model/errors.js';
import {type GroupWitness, startGroupWitness} from './group-signals.js';
import {findProgram} from '../../procfs/programs.js';
import {limitTime} from './time-limit.js';
import {findUser, type User} from '../../procfs/users.js';

export interface Command {
  /** Program and arguments. */
  readonly words: readonly string[];
  /** Run as root, not as the user of sudo. */
  readonly asRoot: boolean;
  /** Milliseconds after which it is terminated; undefined is unlimited. */
  readonly durationMs: number | undefined;
}

export interface Launched {
  /** Passes a signal on, unless the whole process group received it, as from ctrl-C. */
  passOn(signal: NodeJS.Signals): void;
  /** Processes that tcptrace started for itself. */
  readonly ownPids: readonly number[];
  /** Returns true if the command was terminated because its time was over. */
  readonly isTimeOver: () => boolean;
  /** Exit code; 128 plus the number of the signal that terminated it; 124 if its time was over. */
  readonly status: Promise<number>;
}

const AS_ROOT = '--as-root runs the command as root';

/** @returns the id in a variable that sudo(8) sets; undefined if it is not set */
function readId(env: NodeJS.ProcessEnv, name: 'SUDO_UID' | 'SUDO_GID'): number | undefined {
  const text = env[name] ?? '';
  if (text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new TcptraceError(`${name}: not an id: ${JSON.stringify(text)}`, ExitCode.FAILURE, AS_ROOT);
}

/** Returns the user of sudo, with the group from SUDO_GID; undefined without sudo, or if root used it. */
function readInvoker(env: NodeJS.ProcessEnv): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const uid = readId(env, 'SUDO_UID') ?? 0;
  if (uid === 0) return undefined;
  const user = findUser(uid);
  if (user === undefined)
    throw new TcptraceError(`SUDO_UID: no such user: ${String(uid)}`, ExitCode.FAILURE, AS_ROOT);
  return {...user, gid: readId(env, 'SUDO_GID') ?? user.gid};
}

/** Prepends setpriv(1), which sets the supplementary groups of the user; Node.js would remove them all. */
function wordsAs(user: User, words: readonly string[]): readonly string[] {
  const setpriv = findProgram('setpriv');
  if (setpriv === undefined) {
    const hint = 'install util-linux, or give --as-root';
    throw new TcptraceError(
      'cannot run the command as the user of sudo: setpriv(1) not found',
      ExitCode.FAILURE,
      hint,
    );
  }
  const [uid, gid] = [String(user.uid), String(user.gid)];
  return [setpriv, `--reuid=${uid}`, `--regid=${gid}`, '--init-groups', '--', ...words];
}

function environmentOf(user: User, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const rest = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SUDO_')));
  return {...rest, HOME: user.home, USER: user.name, LOGNAME: user.name};
}

/** Returns the existing files that execvp(3) would try. */
function findFiles(program: string, path = '/usr/bin:/bin'): readonly string[] {
  const places = program.includes('/') ? [''] : path.split(':').map((directory) => `${directory || '.'}/`);
  return program === '' ? [] : places.map((place) => place + program).filter((file) => existsSync(file));
}

/** Returns true if tcptrace may execute the file. */
function isExecutable(file: string): boolean {
  try {
    accessSync(file, modes.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function cannotRun(program: string, reason: string, exitCode: ExitCode, cause?: unknown): TcptraceError {
  return new TcptraceError(`cannot run ${JSON.stringify(program)}: ${reason}`, exitCode, undefined, {cause});
}

/** Refuses a program that does not exist or is not executable; setpriv(1) would print another message. */
function refuseUnrunnable(program: string): void {
  const files = findFiles(program, process.env.PATH);
  if (files.length === 0) throw cannotRun(program, 'no such program', ExitCode.NOT_FOUND);
  if (!files.some(isExecutable)) throw cannotRun(program, 'not executable', ExitCode.NOT_EXECUTABLE);
}

async function statusOf(child: ChildProcess, program: string): Promise<number> {
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw cannotRun(program, 'no such interpreter', ExitCode.NOT_FOUND, error);
    const reason = code === 'EACCES' ? 'not executable' : String(code);
    throw cannotRun(program, reason, ExitCode.NOT_EXECUTABLE, error);
  }
}

/** Returns true if ctrl-C in a terminal may signal the command directly. */
function hasTerminal(): boolean {
  return [0, 1, 2].some((fd) => isatty(fd));
}

async function passOn(child: ChildProcess, signal: NodeJS.Signals, witness?: GroupWitness): Promise<void> {
  const hasIt = (await witness?.sawSignal()) ?? false;
  if (!hasIt) child.kill(signal);
}

/**
 * Runs a command.
 *
 * @param stdoutFd descriptor for the output of the command
 * @throws TcptraceError if the program does not exist or the user is unknown; {@link Launched.status} rejects if it cannot
 *   be executed
 */
export function launch({words, asRoot, durationMs}: Command, stdoutFd: number): Launched {
  const [requested = ''] = words;
  refuseUnrunnable(requested);
  const user = asRoot ? undefined : readInvoker(process.env);
  const [program = '', ...args] = user === undefined ? words : wordsAs(user, words);
  const child = spawn(program, args, {
    stdio: ['inherit', stdoutFd, 'inherit'],
    env: user === undefined ? process.env : environmentOf(user, process.env),
  });
  const witness = hasTerminal() ? startGroupWitness() : undefined;
  const limit =
    durationMs === undefined || child.pid === undefined ? undefined : limitTime(child.pid, durationMs);
  const waitForExit = async (): Promise<number> => {
    try {
      const status = await statusOf(child, program);
      return limit?.isOver() === true ? ExitCode.TIMED_OUT : status;
    } finally {
      await limit?.settle();
      witness?.stop();
    }
  };
  return {
    passOn: (signal) => void passOn(child, signal, witness),
    ownPids: [process.pid, ...(witness?.pid === undefined ? [] : [witness.pid])],
    status: waitForExit(),
    isTimeOver: () => limit?.isOver() === true,
  };
}
