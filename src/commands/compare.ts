import {string as argument} from '@oclif/core/args';
import {compareFlags, readCompareOptions} from '../cli/compare/options.js';
import {compare} from '../cli/compare/session.js';
import {BaseCommand, prose} from '../cli/run/base.js';
import type {ExitCode} from '../model/errors.js';

export default class Compare extends BaseCommand {
  static override summary = 'compare the sources of events, or two recordings';

  static override usage = ['<%= command.id %> [FLAGS]', '<%= command.id %> [FLAGS] A B'];

  static override description =
    prose(`Traces with eBPF, with scans of /proc and, with --conntrack, with conntrack at the same time, each in its own process. Reports
what each source saw and missed, how late, and at what cost. It counts connections that were opened and closed while all sources
were tracing, each endpoint separately. conntrack sees only its own network namespace, and neither pid nor socket.

With two recordings, A and B, written by \`watch --ndjson\`, it compares those instead. - is stdin. If you give only A and
stdin is a pipe or a redirected file, B is stdin. Without recordings, it does not read stdin.

Exit codes: 0 done, 1 failure, 2 invalid usage, 3 not permitted or not supported here.`);

  static override examples = [
    {
      description: 'which connections scans of /proc every second miss, for 30 seconds',
      command: 'sudo <%= config.bin %> <%= command.id %> --duration 30s --interval 1s',
    },
    {
      description: 'each missed connection with port 443, also by conntrack',
      command: 'sudo <%= config.bin %> <%= command.id %> --conntrack --port 443 --misses',
    },
    {
      description: 'two recordings, one of them compressed',
      command: '<%= config.bin %> <%= command.id %> a.ndjson.gz b.ndjson',
    },
  ];

  static override args = {
    a: argument({ignoreStdin: true, description: 'NDJSON written by watch, plain or compressed; - is stdin'}),
    b: argument({
      ignoreStdin: true,
      description: 'recording to compare it with; by default a piped or redirected stdin',
    }),
  };

  static override flags = compareFlags;

  async run(): Promise<ExitCode> {
    const {flags, words, given} = await this.read({flags: compareFlags, args: Compare.args});
    return compare(readCompareOptions(words, flags, given), process);
  }
}
