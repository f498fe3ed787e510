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
      description: 'in every bash of this user',
      command:
        '<%= config.bin %> <%= command.id %> bash >~/.local/share/bash-completion/completions/tcptrace',
    },
    {
      description: 'in every zsh of this user, if the folder is in fpath',
      command: '<%= config.bin %> <%= command.id %> zsh >~/.zfunc/_tcptrace',
    },
    {
      description: 'in every fish of this user',
      command: '<%= config.bin %> <%= command.id %> fish >~/.config/fish/completions/tcptrace.fish',
    },
  ];

  static override args = {
    shell: argument({required: true, ignoreStdin: true, description: SHELLS.join(', ')}),
  };

  /** For the completion scripts. */
  static readonly argumentWords = SHELLS;

  async run(): Promise<ExitCode> {
    const {words} = await this.read({flags: {}, args: Completion.args});
    await printCompletion(parseShell(words[0] ?? ''), process);
    return ExitCode.DONE;
  }
}
