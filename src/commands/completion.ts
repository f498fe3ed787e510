import {string as argument} from '@oclif/core/args';
import {parseShell, printCompletion, SHELLS} from '../cli/completion/scripts.js';
import {BaseCommand, prose} from '../cli/run/base.js';
import {ExitCode} from '../model/errors.js';

export default class Completion extends BaseCommand {
  static override summary = 'print a completion script for a shell';

  static override usage = '<%= command.id %> SHELL';

  static override description =
    prose(`Prints the script that completes commands, flags and values of tcptrace in bash, zsh or fish.

Exit codes: 0 done, 1 failure, 2 invalid usage.`);

  static override examples = [
    {
      description: 'install for bash, for this user',
      command:
        '<%= config.bin %> <%= command.id %> bash >~/.local/share/bash-completion/completions/tcptrace',
    },
    {
      description: 'install for zsh, for this user; the directory must be in fpath',
      command: '<%= config.bin %> <%= command.id %> zsh >~/.zfunc/_tcptrace',
    },
    {
      description: 'install for fish, for this user',
      command: '<%= config.bin %> <%= command.id %> fish >~/.config/fish/completions/tcptrace.fish',
    },
  ];

  static override args = {
    shell: argument({required: true, ignoreStdin: true, description: SHELLS.join(', ')}),
  };

  /** Values that the completion scripts offer for the argument. */
  static readonly argumentWords = SHELLS;

  async run(): Promise<ExitCode> {
    const {words} = await this.read({flags: {}, args: Completion.args});
    await printCompletion(parseShell(words[0] ?? ''), process);
    return ExitCode.DONE;
  }
}
