import {string as argument} from '@oclif/core/args';
import {joinTimes, readReplayOptions, replayFlags} from '../cli/replay/options.js';
import {replay} from '../cli/replay/session.js';
import {BaseCommand, prose} from '../cli/run/base.js';
import type {ExitCode} from '../model/errors.js';

export default class Replay extends BaseCommand {
  static override summary = 'show a recording again, through filters';

  static override usage = '<%= command.id %> [FLAGS] [RECORDING ...]';

  static override description =
    prose(`Reads what \`watch --ndjson\` has written and prints it as \`watch\` would have, through the same filters. It needs neither
root nor eBPF. Several recordings are merged in order of time; gzip and, if Node.js can, zstd are recognized by content. Without
a name, it reads a pipe or redirected file from stdin. It reports and skips lines that are not events, and fails if no line is one.

Exit codes: 0 done, 1 failure, 2 wrong usage.`);

  static override examples = [
    {description: 'a recording, as a table', command: '<%= config.bin %> <%= command.id %> night.ndjson'},
    {
      description: 'failures to reach one network since ten, in a log with its rotated and compressed files',
      command:
        "<%= config.bin %> <%= command.id %> tcp.ndjson* --since 'today 10:00' --event fail --raddr 10.0.0.0/8",
    },
    {
      description: 'as it happened, ten times faster',
      command: '<%= config.bin %> <%= command.id %> night.ndjson --speed 10',
    },
  ];

  static override args = {
    recording: argument({
      ignoreStdin: true,
      description: 'NDJSON written by watch, plain or compressed; - or a pipe without a name is stdin',
    }),
  };

  static override flags = replayFlags;

  async run(): Promise<ExitCode> {
    this.argv = joinTimes(this.argv);
    const {flags, words} = await this.read({flags: replayFlags, args: Replay.args, takesManyWords: true});
    return replay(readReplayOptions(words, flags), process);
  }
}
