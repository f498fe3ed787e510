import type {Writable} from 'node:stream';
import {escapeText} from '../../terminal/escape.js';

/** Writes a notice for people, separate from the data. */
export type Say = (text: string) => void;

/** Writes each text as one line. @param quiet writes nothing */
export function createNotices(stream: Writable, quiet: boolean): Say {
  if (quiet) return () => undefined;
  return (text) => {
    stream.write(`tcptrace: ${escapeText(text)}\n`);
  };
}
