import {listFlags, readListOptions} from '../cli/list/options.js';
import {list} from '../cli/list/session.js';
import {BaseCommand, prose} from '../cli/run/base.js';
import type {ExitCode} from '../model/errors.js';

export default class List extends BaseCommand {
  static override summary = 'show the TCP connections that there are now, and who holds them';

  static override usage = '<%= command.id %> [FLAGS]';

  static override description =
    prose(`Lists the TCP connections of the whole host, in every network namespace, as BPF iterators find them; listeners only with
--listening, --all or --state. A socket that several processes hold has a row for each. A socket that no visible process
holds has - as its PID: TIME_WAIT, SYN_RECV, not accepted yet, closed by its process, or the kernel's own.
Values of one filter are alternatives, different filters must all hold; each that takes a value has a negated form, such as
--not-port 22.

Where eBPF is not to be had, or with --proc, it reads /proc: without root it shows what this user may see.

Exit codes: 0 done, 1 failure, 2 wrong usage, 3 not permitted or not supported here.`);

  static override examples = [
    {
      description: 'every connection, in every container',
      command: 'sudo <%= config.bin %> <%= command.id %>',
    },
    {
      description: 'who listens on port 80 or 443',
      command: 'sudo <%= config.bin %> <%= command.id %> --listening --port 80,443',
    },
    {
      description: 'connections that their process has closed or should close',
      command: 'sudo <%= config.bin %> <%= command.id %> --state time-wait,close-wait',
    },
    {
      description: 'which container and which user is connected to which host',
      command: 'sudo <%= config.bin %> <%= command.id %> --containers --users --resolve --no-loopback',
    },
    {
      description: 'how many connections each program holds',
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
