import {string as argument} from '@oclif/core/args';
import {boolean, string} from '@oclif/core/flags';
import {BaseCommand, colorFlags, filterFlags, prose} from '../cli/run/base.js';
import {readCompareOptions} from '../cli/compare/options.js';
import {compare} from '../cli/compare/session.js';
import type {ExitCode} from '../model/errors.js';

export default class Compare extends BaseCommand {
  static override summary = 'compare what eBPF sees with what scans of /proc see';

  static override usage = ['<%= command.id %> [FLAGS]', '<%= command.id %> [FLAGS] A B'];

  static override description =
    prose(`Traces by eBPF, by scans of /proc and, if asked, by conntrack at the same time, each in a process of its own, and tells what
each has seen and missed, how late, and at what cost. Connections count that began and ended while all were tracing,
each end for itself. conntrack sees its own network namespace only, and neither pid nor socket.

With two recordings, A and B, which \`watch --ndjson\` has written, it compares those; - is stdin.

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
      description: 'two recordings, of which one comes compressed',
      command: 'zcat a.ndjson.gz | <%= config.bin %> <%= command.id %> - b.ndjson',
    },
  ];

  static override args = {
    a: argument({description: 'NDJSON that watch has written; - is stdin'}),
    b: argument({description: 'what to compare it with'}),
  };

  static override flags = {
    duration: string({
      helpGroup: 'source',
      helpValue: 'TIME',
      description: 'how long to trace; 30s if not given',
    }),
    interval: string({
      helpGroup: 'source',
      helpValue: 'TIME',
      description: 'between scans of /proc; 1s if not given',
    }),
    conntrack: boolean({helpGroup: 'source', description: 'run conntrack (of conntrack-tools), too'}),
    strict: boolean({helpGroup: 'source', description: 'fail at a line of a recording that is no event'}),
    ...filterFlags,
    misses: boolean({helpGroup: 'output', description: 'list each connection that was missed'}),
    json: boolean({helpGroup: 'output', description: 'one JSON document instead of tables'}),
    ...colorFlags,
    quiet: boolean({char: 'q', helpGroup: 'output', description: 'no progress and no notices on stderr'}),
  };

  async run(): Promise<ExitCode> {
    const {args, flags} = await this.parse(Compare);
    const files = [args.a, args.b].filter((file) => file !== undefined);
    return compare(readCompareOptions(files, flags), process);
  }
}
