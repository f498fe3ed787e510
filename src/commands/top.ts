import {BaseCommand, prose} from '../cli/run/base.js';
import {readTopOptions, topFlags} from '../cli/top/options.js';
import {top} from '../cli/top/session.js';
import type {ExitCode} from '../model/errors.js';

export default class Top extends BaseCommand {
  static override summary = 'show who makes most connections, live';

  static override usage = '<%= command.id %> [FLAGS]';

  static override description =
    prose(`A screen that is drawn again each second: processes, or remote ends, with connections made and accepted, open now, and
failed, bytes and round trip of those that have ended, and how the last ten seconds were. In a pipe, or where TERM is dumb, a snapshot each second.

Keys: g processes or remote ends, s next column to sort by, / filter by name, p pause, q quit.

Exit codes: 0 done, 1 failure, 2 wrong usage, 3 not permitted or not supported here.`);

  static override examples = [
    {description: 'every process of the host', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {
      description: 'which remote ends the web server has most connections with',
      command: "sudo <%= config.bin %> <%= command.id %> --by remote --sort open --comm 'nginx*'",
    },
    {
      description: 'whose, in which container, and which host at the other end',
      command: 'sudo <%= config.bin %> <%= command.id %> --users --containers --resolve',
    },
    {
      description: 'the ten that failed most within a minute',
      command:
        'sudo <%= config.bin %> <%= command.id %> --sort fails --interval 1m --count 1 --rows 10 | cat',
    },
  ];

  static override flags = topFlags;

  async run(): Promise<ExitCode> {
    const {flags} = await this.read({flags: topFlags});
    return top(readTopOptions(flags), process);
  }
}
