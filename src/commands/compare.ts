import {string as argument} from '@oclif/core/args';
import {compareFlags, readCompareOptions} from '../cli/compare/options.js';
import {compare} from '../cli/compare/session.js';
import {BaseCommand, prose} from '../cli/run/base.js';
import type {ExitCode} from '../model/errors.js';

export default class Compare extends BaseCommand {
  static override summary = 'compare what eBPF sees with what scans of /proc see';

  static override usage = ['<%= command.id %> [FLAGS]', '<%= command.id %> [FLAGS] A B'];

  static override description =
    prose(`Traces by eBPF, by scans of /proc and, if asked, by conntrack at the same time, each in a process of its own, and tells what
each has seen and missed, how late, and at what cost. Connections count that began and ended while all were tracing,
each end for itself. conntrack sees its own network namespace only, and neither pid nor socket.

With two recordings, A and B, which \`watch --ndjson\` has written, it compares those. - is stdin, and so is B if only A is
named and stdin is a pipe or a redirected file. Without recordings, it does not read stdin.

Exit codes: 0 done, 1 failure, 2 wrong usage, 3 not permitted or not supported here.`);

  static override examples = [
    {
      description: 'what a scan each second would have missed, in half a minute',
      command: 'sudo <%= config.bin %> <%= command.id %> --duration 30s --interval 1s',
    },
    {
      description: 'the connections to port 443 that were missed, one by one, with conntrack too',
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
      description: 'recording to compare it with; a piped or redirected stdin if not given',
    }),
  };

  static override flags = compareFlags;

  async run(): Promise<ExitCode> {
    const {flags, words, given} = await this.read({flags: compareFlags, args: Compare.args});
    return compare(readCompareOptions(words, flags, given), process);
  }
}
