/**
 * Writes completions/ for bash, zsh and fish from the commands and the definitions of their flags. With --check: exits
 * with 1 if a file is out of date.
 */
import {bash} from './completion-bash.js';
import {fish} from './completion-fish.js';
import {zsh} from './completion-zsh.js';
import {commands, readIfExists, root, writeGenerated} from './commands.js';

for (const [name, text] of [
  ['tcptrace.bash', bash(commands)],
  ['_tcptrace', zsh(commands)],
  ['tcptrace.fish', fish(commands)],
] as const) {
  const path = `${root}/completions/${name}`;
  writeGenerated(path, text, readIfExists(path));
}
