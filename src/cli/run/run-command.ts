/** Runs oclif. */
// oclif adds a listener to stdout when it is loaded; main.ts removes it
import '@oclif/core/command';
import {Config} from '@oclif/core/config';
import {run} from '@oclif/core/run';
import {settings} from '@oclif/core/settings';

settings.enableAutoTranspile = false;
// otherwise oclif reads theme.json in the user's configuration directory, which may be a FIFO without a writer
Object.assign(Config.prototype, {loadTheme: () => Promise.resolve()});

/** @returns the return value of the command; undefined for help */
export async function runCommand(words: readonly string[]): Promise<unknown> {
  return run([...words], {root: import.meta.dirname, userPlugins: false, devPlugins: false});
}
