import {TcptraceError} from '../../model/errors.js';

/** @throws TcptraceError (usage) that names the flag, where its text is wrong */
export function readValue<T>(flag: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TcptraceError)) throw error;
    throw new TcptraceError(`--${flag}: ${error.message}`, error.exitCode, error.hint);
  }
}

export function readOptional<T>(
  flag: string,
  text: string | undefined,
  parse: (text: string) => T,
): T | undefined {
  return text === undefined ? undefined : readValue(flag, text, parse);
}
