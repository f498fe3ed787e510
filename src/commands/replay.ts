import {string as argument} from '@oclif/core/args';
import {boolean, string} from '@oclif/core/flags';
import {BaseCommand, eventFlags, filterFlags, outputFlags, prose} from '../cli/run/base.js';
import {readReplayOptions} from '../cli/replay/options.js';
import {replay} from '../cli/replay/session.js';
import type {ExitCode} from '../model/errors.js';

export default class Replay extends BaseCommand {
  static override summary = 'show a recording again, through filters';

  static override usage = '<%= command.id %> [FLAGS] RECORDING';

  static override description =
    prose(`Reads what \`watch --ndjson\` has written, and shows it as \`watch\` would have, through the same filters. It takes neither
root nor eBPF. A line that is no event is told and skipped; where no line is one, it fails.

Exit codes: 0 done, 1 failure, 2 wrong usage.`);

  static override examples = [
    {description: 'a recording, as a table', command: '<%= config.bin %> <%= command.id %> night.ndjson'},
    {
      description: 'what failed to reach one network, of a recording that comes compressed',
      command: 'zcat night.ndjson.gz | <%= config.bin %> <%= command.id %> - --event fail --raddr 10.0.0.0/8',
    },
    {
      description: 'as it happened, ten times faster',
      command: '<%= config.bin %> <%= command.id %> night.ndjson --speed 10',
    },
  ];

  static override args = {
    recording: argument({required: true, description: 'NDJSON that watch has written; - is stdin'}),
  };

  static override flags = {
    ...eventFlags('all'),
    ...filterFlags,
    count: string({char: 'c', helpGroup: 'end', helpValue: 'N', description: 'stop after N events'}),
    speed: string({
      helpGroup: 'source',
      helpValue: 'FACTOR',
      description: 'as it happened (1), or so many times faster; as fast as can be if not given',
    }),
    strict: boolean({helpGroup: 'source', description: 'fail at a line that is no event'}),
    ...outputFlags,
    quiet: boolean({char: 'q', helpGroup: 'output', description: 'no notices on stderr'}),
  };

  async run(): Promise<ExitCode> {
    const {args, flags} = await this.parse(Replay);
    return replay(readReplayOptions(args.recording, flags), process);
  }
}
