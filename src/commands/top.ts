import {boolean, option, string} from '@oclif/core/flags';
import {BaseCommand, colorFlags, filterFlags, lookupFlags, probeFlags, prose} from '../cli/run/base.js';
import {readTopOptions} from '../cli/top/options.js';
import {top} from '../cli/top/session.js';
import type {ExitCode} from '../model/errors.js';
import {SORT_KEYS} from '../format/reports/activity-table.js';
import {GROUPINGS} from '../aggregate/activity.js';

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

  static override flags = {
    ...filterFlags,
    ...lookupFlags('a name is shown when it is known'),
    count: string({
      char: 'c',
      helpGroup: 'end',
      helpValue: 'N',
      description: 'stop after N snapshots',
    }),
    duration: string({helpGroup: 'end', helpValue: 'TIME', description: 'stop after 10s, 500ms, 2m, 1h30m'}),
    by: option({
      options: GROUPINGS,
      default: 'process',
      helpGroup: 'output',
      description: 'what has a row',
    })(),
    sort: option({
      options: SORT_KEYS,
      default: 'new',
      helpGroup: 'output',
      description: 'column with the largest figure first',
    })(),
    rows: string({
      helpGroup: 'output',
      helpValue: 'N',
      description:
        'rows of each snapshot; if not given, 20 in a pipe, and as many as there is room for on a screen',
    }),
    interval: string({
      helpGroup: 'output',
      helpValue: 'TIME',
      description: 'between two snapshots, and between scans of /proc; 1s if not given',
    }),
    ...colorFlags,
    quiet: boolean({char: 'q', helpGroup: 'output', description: 'no notices on stderr'}),
    ...probeFlags,
  };

  async run(): Promise<ExitCode> {
    const {flags} = await this.parse(Top);
    return top(readTopOptions(flags), process);
  }
}
