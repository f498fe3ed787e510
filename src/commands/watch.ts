import {readWatchOptions, watchFlags} from '../cli/watch/options.js';
import {watch} from '../cli/watch/session.js';
import {BaseCommand, prose} from '../cli/run/base.js';

export default class Watch extends BaseCommand {
  static override summary = 'show TCP connections as they are made, accepted and closed';

  static override usage = ['<%= command.id %> [FLAGS]', '<%= command.id %> [FLAGS] -- COMMAND [ARGUMENTS]'];

  static override description =
    prose(`Traces the whole host, every process and network namespace, by eBPF, until it is interrupted.
stdout gets one row per event, as it happens; stderr says when every probe is attached, and sums up at the end.
Values of one filter are alternatives, different filters must all hold; each that takes a value has a negated form, such as
--not-port 22.

With a command, it runs that and traces it and all that it starts, and ends with its exit code. Called by sudo, it runs it as the
user who called. The command's output goes to stderr or, with --output, to stdout.

Where the kernel has no eBPF, or with --proc, it scans /proc again and again instead: without root it shows what this user
may see; connections shorter than the interval, failures, latency and bytes are not seen.

Exit codes: 0 done, 1 failure, 2 wrong usage, 3 not permitted or not supported here, 4 events were lost (--fail-on-loss). With a command: its own, 126
and 127 as env(1) has them, or 128 and the number of the signal that ended it.`);

  static override examples = [
    {description: 'everything, as a table', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {
      description: 'what failed to connect to one of two ports, for one minute',
      command: 'sudo <%= config.bin %> <%= command.id %> --event fail --port 443,5432 --duration 1m',
    },
    {
      description: 'what a command connects to, and what it starts',
      command: 'sudo <%= config.bin %> <%= command.id %> -- git fetch',
    },
    {
      description: 'who sent most, of the next 1000 connections that close',
      command:
        "sudo <%= config.bin %> <%= command.id %> --ndjson --event close --count 1000 | jq -s 'map(select(.tx_bytes)) | max_by(.tx_bytes)'",
    },
    {
      description: 'without root, those of your own processes, as five scans of /proc a second see them',
      command: '<%= config.bin %> <%= command.id %> --proc --interval 200ms',
    },
  ];

  static override flags = watchFlags;

  async run(): Promise<number> {
    const {flags, rest} = await this.read({flags: watchFlags, takesCommand: true});
    return watch(readWatchOptions(flags, rest), process);
  }
}
