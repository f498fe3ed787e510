import {BaseCommand, prose} from '../cli/run/base.js';
import {readTopOptions, topFlags} from '../cli/top/options.js';
import {top} from '../cli/top/session.js';
import type {ExitCode} from '../model/errors.js';

export default class Top extends BaseCommand {
  static override summary = 'show which processes use the network, live';

  static override usage = '<%= command.id %> [FLAGS]';

  static override description =
    prose(`Shows a table of processes, programs, connections, remote endpoints, local ports, users, containers or pods that is updated every second: bytes sent and received
per second, retransmissions, round-trip time, new, open and failed connections, and the last ten seconds. With another format than table, with --output, in a
pipe, or if TERM is dumb, it prints a snapshot every second instead.

Keys: arrows, PageUp, PageDown, Home and End scroll, g switches to the next grouping, s sorts by the next column, r reverses the order, / filters by
name, + and - change the interval, p pauses, ? explains the keys, q quits.

Exit codes: 0 done, 1 failure, 2 invalid usage, 3 not permitted or not supported here.`);

  static override examples = [
    {
      description: 'processes with most throughput on the host',
      command: 'sudo <%= config.bin %> <%= command.id %>',
    },
    {
      description: 'remote endpoints with most open connections to the web server',
      command: "sudo <%= config.bin %> <%= command.id %> --by remote --sort open --comm 'nginx*'",
    },
    {
      description: 'bytes per second of each container, as JSON',
      command: 'sudo <%= config.bin %> <%= command.id %> --by container --ndjson',
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
