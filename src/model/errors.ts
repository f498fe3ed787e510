import {getSystemErrorMap} from 'node:util';

/** Exit codes of every command, the same with and without `--json`. */
export const ExitCode = {
  /** Done. */
  DONE: 0,
  /** Something failed that is neither of the below. */
  FAILURE: 1,
  /** The command line is wrong; nothing was attached. */
  USAGE: 2,
  /** Not permitted, or not supported on this machine: a script may fall back. */
  UNSUPPORTED: 3,
  /** Events were lost and `--fail-on-loss` was given. */
  LOST: 4,
  /** The command that was to be traced cannot be run, as env(1) has it. */
  NOT_EXECUTABLE: 126,
  /** There is no such command. */
  NOT_FOUND: 127,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What a user can be told in one line: what is wrong and, in `hint`, what to do about it. */
export class TcptraceError extends Error {
  override readonly name = 'TcptraceError';

  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(message: string, exitCode: ExitCode, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/** Errors of file systems that libuv has no text for (errno(3)). */
const FILE_SYSTEM_ERRORS: Readonly<Record<number, string>> = {
  74: 'bad message, the file system may be damaged',
  116: 'stale file handle, the file was replaced on the server',
  117: 'structure needs cleaning, the file system is damaged',
  122: 'disk quota exceeded',
  123: 'no medium found',
  124: 'wrong medium type',
  126: 'required key not available',
  127: 'key has expired',
  128: 'key has been revoked',
};

/** The reason of an error, such as `no such file or directory`, without what Node.js writes around it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const {errno = 0, message} = error as NodeJS.ErrnoException;
  return getSystemErrorMap().get(errno)?.[1] ?? FILE_SYSTEM_ERRORS[-errno] ?? message;
}

/** A command line that is wrong. */
export function usageError(message: string, hint?: string): TcptraceError {
  return new TcptraceError(message, ExitCode.USAGE, hint);
}
