import {setTimeout} from 'node:timers/promises';
import {seconds} from './machine.js';

/** Polls until a condition is met; throws after 20 s. */
export async function until(isMet: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + seconds(20);
  while (!(await isMet())) {
    if (Date.now() > end) throw new Error(`timeout while waiting for ${what}`);
    await setTimeout(10);
  }
}
