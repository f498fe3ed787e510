import {string as argument} from '@oclif/core/args';
import {joinTimes, readReplayOptions, replayFlags} from '../cli/replay/options.js';
import {replay} from '../cli/replay/session.js';
import {BaseCommand, prose} from '../cli/run/base.js';
import type {ExitCode} from '../model/errors.js';

export default class Replay extends BaseCommand {
  static override summary = 'show the events of recordings, through filters';

  static override usage = '<%= command.id %> [FLAGS] [RECORDING ...]';

  static override description =
    prose(`Reads recordings written by \`watch --ndjson\` and prints them as \`watch\` does, with the same filters. It needs neither
root nor eBPF. It merges several recordings by time, and recognizes gzip and, if Node.js supports it, zstd by content. Without
a recording, it reads a pipe or a redirected file from stdin. It reports and skips lines that are not events, and fails if no line
is an event.

Exit codes: 0 done, 1 failure, 2 invalid usage.`);

  static override examples = [
    {description: 'a recording, as a table', command: '<%= config.bin %> <%= command.id %> night.ndjson'},
    {
      description: 'failed connects since ten, from a log and its rotated and compressed files',
      command: "<%= config.bin %> <%= command.id %> tcp.ndjson* --since 'today 10:00' --event fail",
    },
    {
      description: 'ten times as fast as recorded',
      command: '<%= config.bin %> <%= command.id %> night.ndjson --speed 10',
    },
  ];

  static override args = {
    recording: argument({
      ignoreStdin: true,
      description: 'NDJSON written by watch, plain or compressed; - is stdin',
    }),
  };

  static override flags = replayFlags;

  async run(): Promise<ExitCode> {
    this.argv = joinTimes(this.argv);
    const {flags, words} = await this.read({flags: replayFlags, args: Replay.args, takesManyWords: true});
    return replay(readReplayOptions(words, flags), process);
  }
}
