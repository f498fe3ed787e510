/** Detects that a named network namespace was deleted and created again: a filter matches its old inode only. */
import {statSync} from 'node:fs';
import {quote} from '../../model/basics/quote.js';
import type {NamedNetns} from '../flags/parse/system-values.js';
import type {Say} from '../io/notices.js';

const INTERVAL_MS = 500;

function readInode(path: string): number | undefined {
  return statSync(path, {throwIfNoEntry: false})?.ino;
}

/**
 * Warns once for each path that names a different namespace than at the start.
 *
 * @returns a function that stops checking
 */
export function onNetnsChange(named: readonly NamedNetns[], warn: Say): () => void {
  let unchanged = named.filter(({path}) => path !== undefined && !path.startsWith('/proc/'));
  if (unchanged.length === 0) return () => undefined;
  const timer = setInterval(() => {
    const changed = unchanged.filter(({path = '', inode}) => ![undefined, inode].includes(readInode(path)));
    unchanged = unchanged.filter((it) => !changed.includes(it));
    for (const {path = ''} of changed)
      warn(
        `${quote(path)} is a new network namespace now, which this trace does not cover; restart tcptrace`,
      );
  }, INTERVAL_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
