import type {Writable} from 'node:stream';

/** Lines for people, beside the data. */
export type Say = (text: string) => void;

/** @param quiet says nothing */
export function createNotices(stream: Writable, quiet: boolean): Say {
  if (quiet) return () => undefined;
  return (text) => {
    stream.write(`tcptrace: ${text}\n`);
  };
}
