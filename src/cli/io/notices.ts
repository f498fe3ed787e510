import type {Writable} from 'node:stream';
import {escapeText} from '../../terminal/escape.js';
import type {MissingCgroup} from '../flags/filter.js';

/** Lines for people, beside the data. */
export type Say = (text: string) => void;

/** Who asked for it may have mistaken its name. */
export function tellMissingCgroups(missing: readonly MissingCgroup[], say: Say): void {
  for (const {path} of missing) say(`no such cgroup yet: ${JSON.stringify(path)}`);
}

/** One line each, whatever the text holds. @param quiet says nothing */
export function createNotices(stream: Writable, quiet: boolean): Say {
  if (quiet) return () => undefined;
  return (text) => {
    stream.write(`tcptrace: ${escapeText(text)}\n`);
  };
}
