import {listFlags, readListOptions} from '../cli/list/options.js';
import {list} from '../cli/list/session.js';
import {BaseCommand, prose} from '../cli/run/base.js';
import type {ExitCode} from '../model/errors.js';

export default class List extends BaseCommand {
  static override summary = 'show the open TCP connections and the processes that hold them';

  static override usage = '<%= command.id %> [FLAGS]';

  static override description =
    prose(`Lists the TCP connections of the whole host, in every network namespace, with BPF iterators. It lists listeners only with
--listening, --all or --state. A socket that several processes hold has a row for each process. A socket that no visible process
holds has - as its PID: in TIME_WAIT or SYN_RECV, not accepted yet, closed by its process, or a socket of the kernel.
Values of one filter are alternatives; different filters must all match. Each filter with a value has a negated form, such as
--not-port 22.

With --proc, or if eBPF is not available, it reads /proc. Without root, it then shows only what this user may see.

Exit codes: 0 done, 1 failure, 2 invalid usage, 3 not permitted or not supported here.`);

  static override examples = [
    {
      description: 'all connections, in all containers',
      command: 'sudo <%= config.bin %> <%= command.id %>',
    },
    {
      description: 'processes that listen on port 80 or 443',
      command: 'sudo <%= config.bin %> <%= command.id %> --listening --port 80,443',
    },
    {
      description: 'connections that their process closed or did not close yet',
      command: 'sudo <%= config.bin %> <%= command.id %> --state time-wait,close-wait',
    },
    {
      description: 'containers, users and remote hosts of the connections',
      command: 'sudo <%= config.bin %> <%= command.id %> --containers --users --resolve --no-loopback',
    },
    {
      description: 'number of connections by process name',
      command:
        "sudo <%= config.bin %> <%= command.id %> --json | jq 'group_by(.comm) | map({comm: .[0].comm, count: length})'",
    },
  ];

  static override flags = listFlags;

  async run(): Promise<ExitCode> {
    const {flags} = await this.read({flags: listFlags});
    return list(readListOptions(flags), process);
  }
}
