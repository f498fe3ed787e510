import {string as argument} from '@oclif/core/args';
import {readReplayOptions, replayFlags} from '../cli/replay/options.js';
import {replay} from '../cli/replay/session.js';
import {BaseCommand, prose} from '../cli/run/base.js';
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
    recording: argument({
      required: true,
      ignoreStdin: true,
      description: 'NDJSON written by watch; - is stdin',
    }),
  };

  static override flags = replayFlags;

  async run(): Promise<ExitCode> {
    const {flags, words} = await this.read({flags: replayFlags, args: Replay.args});
    return replay(readReplayOptions(words[0] ?? '', flags), process);
  }
}
