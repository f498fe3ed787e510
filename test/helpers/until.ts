import {setTimeout} from 'node:timers/promises';
import {seconds} from './machine.js';

/** Asks until it is so; an error where that does not come. */
export async function until(isMet: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + seconds(20);
  while (!(await isMet())) {
    if (Date.now() > end) throw new Error(`nothing came while waiting for ${what}`);
    await setTimeout(10);
  }
}
