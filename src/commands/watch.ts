import {readWatchOptions, watchFlags} from '../cli/watch/options.js';
import {watch} from '../cli/watch/session.js';
import {BaseCommand, prose} from '../cli/run/base.js';

export default class Watch extends BaseCommand {
  static override summary = 'show TCP connections as they are opened, accepted and closed';

  static override usage = ['<%= command.id %> [FLAGS]', '<%= command.id %> [FLAGS] -- COMMAND [ARGUMENTS]'];

  static override description =
    prose(`Traces the whole host, every process and network namespace, with eBPF, until it is interrupted.
It prints one row per event to stdout, as the event happens. On stderr it prints a notice once every probe is attached,
and a summary when it stops.
Values of one filter are alternatives; different filters must all match. Each filter with a value has a negated form, such as
--not-port 22.

With a command, it runs the command, traces it and all its descendants, and exits with its exit code. Under sudo, the command
runs as the user of sudo, unless --as-root is given. The output of the command goes to stderr or, with --output, to stdout.
With --duration, the command and the descendants in its process group get SIGTERM when the time is over, and SIGKILL three seconds
later; the trace continues until the command has exited.

With --proc, or if the kernel does not support eBPF, it scans /proc repeatedly. Without root, it then shows only what this user
may see. Scans do not see connections shorter than the interval, failures, latency and bytes.

Exit codes: 0 done, 1 failure, 2 invalid usage, 3 not permitted or not supported here, 4 events were lost (--fail-on-loss).
With a command: its own exit code, 126 and 127 as in env(1), 124 as in timeout(1) if --duration terminated it, or 128 plus the number
of the signal that terminated it.`);

  static override examples = [
    {description: 'all events, as a table', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {
      description: 'failed connects to one of two ports, for one minute',
      command: 'sudo <%= config.bin %> <%= command.id %> --event fail --port 443,5432 --duration 1m',
    },
    {
      description: 'connections of a command and its descendants',
      command: 'sudo <%= config.bin %> <%= command.id %> -- git fetch',
    },
    {
      description: 'the connection that sent most, of the next 1000 that close',
      command:
        "sudo <%= config.bin %> <%= command.id %> --ndjson --event close --count 1000 | jq -s 'map(select(.tx_bytes)) | max_by(.tx_bytes)'",
    },
    {
      description: 'metrics for Prometheus, without a table',
      command: 'sudo <%= config.bin %> <%= command.id %> -o none --metrics 9469',
    },
    {
      description: 'connections of your own processes, without root, by five scans of /proc per second',
      command: '<%= config.bin %> <%= command.id %> --proc --interval 200ms',
    },
  ];

  static override flags = watchFlags;

  async run(): Promise<number> {
    const {flags, rest} = await this.read({flags: watchFlags, takesCommand: true});
    return watch(readWatchOptions(flags, rest), process);
  }
}
