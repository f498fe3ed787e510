import {getSystemErrorMap} from 'node:util';

/** Exit codes of every command, the same with and without `--json`. */
export const ExitCode = {
  /** Done. */
  DONE: 0,
  /** A failure without a code of its own. */
  FAILURE: 1,
  /** Wrong usage; nothing was attached. */
  USAGE: 2,
  /** Not permitted, or not supported on this machine. */
  UNSUPPORTED: 3,
  /** Events were lost and `--fail-on-loss` was given. */
  LOST: 4,
  /** The traced command was terminated after --duration, as in timeout(1). */
  TIMED_OUT: 124,
  /** The command to trace cannot be executed, as in env(1). */
  NOT_EXECUTABLE: 126,
  /** The command to trace does not exist, as in env(1). */
  NOT_FOUND: 127,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** An error that is reported in one line: the message states the problem, `hint` the remedy. */
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

/** Returns the reason of an error, such as `no such file or directory`, without the text that Node.js adds. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const {errno = 0, message} = error as NodeJS.ErrnoException;
  return getSystemErrorMap().get(errno)?.[1] ?? FILE_SYSTEM_ERRORS[-errno] ?? message;
}

/** Creates an error of invalid usage. */
export function usageError(message: string, hint?: string): TcptraceError {
  return new TcptraceError(message, ExitCode.USAGE, hint);
}
