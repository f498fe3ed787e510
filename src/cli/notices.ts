import type {Writable} from 'node:stream';
import {escapeText} from '../terminal/escape.js';

/** Lines for people, beside the data. */
export type Say = (text: string) => void;

/** One line each, whatever the text holds. @param quiet says nothing */
export function createNotices(stream: Writable, quiet: boolean): Say {
  if (quiet) return () => undefined;
  return (text) => {
    stream.write(`tcptrace: ${escapeText(text)}\n`);
  };
}
