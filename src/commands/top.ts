import {BaseCommand, prose} from '../cli/run/base.js';
import {readTopOptions, topFlags} from '../cli/top/options.js';
import {top} from '../cli/top/session.js';
import type {ExitCode} from '../model/errors.js';

export default class Top extends BaseCommand {
  static override summary = 'show the processes with most connections, live';

  static override usage = '<%= command.id %> [FLAGS]';

  static override description =
    prose(`Shows a table of processes or remote endpoints that is updated every second: new, accepted, open and failed connections, bytes
and round-trip time of closed connections, and the activity of the last ten seconds. In a pipe, or if TERM is dumb, it prints
a snapshot every second instead.

Keys: g switches between processes and remote endpoints, s sorts by the next column, / filters by name, p pauses, q quits.

Exit codes: 0 done, 1 failure, 2 invalid usage, 3 not permitted or not supported here.`);

  static override examples = [
    {description: 'all processes of the host', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {
      description: 'remote endpoints with most open connections to the web server',
      command: "sudo <%= config.bin %> <%= command.id %> --by remote --sort open --comm 'nginx*'",
    },
    {
      description: 'with users, containers and names of remote hosts',
      command: 'sudo <%= config.bin %> <%= command.id %> --users --containers --resolve',
    },
    {
      description: 'the ten processes with most failures in a minute',
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
