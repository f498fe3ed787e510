import {string as argument} from '@oclif/core/args';
import {joinFlags, readJoinOptions} from '../cli/join/options.js';
import {join} from '../cli/join/session.js';
import {BaseCommand, prose} from '../cli/run/base.js';
import type {ExitCode} from '../model/errors.js';

export default class Join extends BaseCommand {
  static override summary = 'join recordings of several hosts to connections with both endpoints';

  static override usage = '<%= command.id %> [FLAGS] [RECORDING ...]';

  static override description =
    prose(`Reads recordings of one or more hosts and prints one line per connection, with the process, the host and the addresses of both
endpoints. It matches sockets by their flow, so it also joins connections through NAT and load balancers in the kernel; a proxy that
terminates TCP makes two connections. A connection that only one recording has is printed with one endpoint.

Record with \`watch --ndjson --host-name auto\`; without the field host, the name of the recording stands for the host. The clocks of
the hosts may differ by less than --window: the difference is estimated from the joined connections, and printed to stderr.
Recordings may be compressed by gzip or zstd, and - is stdin.

Exit codes: 0 done, 1 failure, 2 invalid usage.`);

  static override examples = [
    {
      description: 'the connections of two hosts',
      command: '<%= config.bin %> <%= command.id %> web.ndjson db.ndjson',
    },
    {
      description: 'record a host',
      command: 'sudo <%= config.bin %> watch --ndjson --host-name auto --containers --output web.ndjson',
    },
    {
      description: 'connections whose address was translated',
      command:
        "<%= config.bin %> <%= command.id %> --ndjson *.ndjson.gz | jq -c 'select(.acceptor_laddr and .opener_raddr != .acceptor_laddr)'",
    },
    {
      description: 'bytes that hosts sent to each other, as CSV for a spreadsheet',
      command: '<%= config.bin %> <%= command.id %> --format csv web.ndjson db.ndjson',
    },
  ];

  static override args = {
    recording: argument({
      ignoreStdin: true,
      description: 'NDJSON written by watch, plain or compressed; - is stdin',
    }),
  };

  static override flags = joinFlags;

  async run(): Promise<ExitCode> {
    const {flags, words} = await this.read({flags: joinFlags, args: Join.args, takesManyWords: true});
    return join(readJoinOptions(words, flags), process);
  }
}
