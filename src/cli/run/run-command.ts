/** This, base.ts and the commands are all that knows oclif. */
// its listener on stdout has to be there before it can be removed
import '@oclif/core/command';
import {run} from '@oclif/core/run';
import {settings} from '@oclif/core/settings';

settings.enableAutoTranspile = false;

/** @returns what the command returns; undefined for help */
export async function runCommand(words: readonly string[]): Promise<unknown> {
  return run([...words], {root: import.meta.dirname, userPlugins: false, devPlugins: false});
}
