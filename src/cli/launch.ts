/** Runs the command that is to be traced, as the user who asked for it. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {constants} from 'node:os';
import {isatty} from 'node:tty';
import {ExitCode, TcptraceError} from '../model/errors.js';
import {findProgram} from '../procfs/programs.js';
import {findUser, type User} from '../procfs/users.js';

export interface Command {
  /** Program and arguments. */
  readonly words: readonly string[];
  /** Not as the user who called sudo. */
  readonly asRoot: boolean;
}

export interface Launched {
  /** Passes a signal on, unless it has it already: a terminal sends ctrl-C to both. */
  passOn(signal: NodeJS.Signals): void;
  /** As a shell has it: 128 and the number of the signal, where one ended it. */
  readonly status: Promise<number>;
}

/** Who called sudo; undefined where nobody did. */
function readInvoker(env: NodeJS.ProcessEnv): User | undefined {
  const uid = Number(env.SUDO_UID ?? NaN);
  if (process.getuid?.() !== 0 || !Number.isInteger(uid) || uid === 0) return undefined;
  const user = findUser(uid);
  if (user === undefined)
    throw new TcptraceError(
      `SUDO_UID: no such user: ${String(uid)}`,
      ExitCode.FAILURE,
      '--as-root runs the command as root',
    );
  return user;
}

/** Node.js would take all groups away from the command; setpriv(1) gives it those of the user. */
function wordsAs(user: User, words: readonly string[]): readonly string[] {
  const setpriv = findProgram('setpriv');
  if (setpriv === undefined) {
    const hint = 'install util-linux, or give --as-root';
    throw new TcptraceError('no setpriv(1) to run the command as who called sudo', ExitCode.FAILURE, hint);
  }
  const [uid, gid] = [String(user.uid), String(user.gid)];
  return [setpriv, `--reuid=${uid}`, `--regid=${gid}`, '--init-groups', '--', ...words];
}

function environmentOf(user: User, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const rest = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SUDO_')));
  return {...rest, HOME: user.home, USER: user.name, LOGNAME: user.name};
}

async function statusOf(child: ChildProcess, program: string): Promise<number> {
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT' ? 'no such program' : code === 'EACCES' ? 'not executable' : String(code);
    throw new TcptraceError(
      `cannot run ${JSON.stringify(program)}: ${reason}`,
      code === 'ENOENT' ? ExitCode.NOT_FOUND : ExitCode.NOT_EXECUTABLE,
      undefined,
      {cause: error},
    );
  }
}

function hasTerminal(): boolean {
  return [0, 1, 2].some((fd) => isatty(fd));
}

/**
 * @param stdoutFd where its output goes: not where the events go
 *
 * @throws TcptraceError where it is not known how to become that user; {@link Launched.status} where there is no such program
 */
export function launch({words, asRoot}: Command, stdoutFd: number): Launched {
  const user = asRoot ? undefined : readInvoker(process.env);
  const [program = '', ...args] = user === undefined ? words : wordsAs(user, words);
  const child = spawn(program, args, {
    stdio: ['inherit', stdoutFd, 'inherit'],
    env: user === undefined ? process.env : environmentOf(user, process.env),
  });
  return {
    passOn(signal) {
      if (signal !== 'SIGINT' || !hasTerminal()) child.kill(signal);
    },
    status: statusOf(child, program),
  };
}
