import {string as argument} from '@oclif/core/args';
import {mapFlags, readMapOptions} from '../cli/map/options.js';
import {map} from '../cli/map/session.js';
import {BaseCommand, prose} from '../cli/run/base.js';
import type {ExitCode} from '../model/errors.js';

export default class Map extends BaseCommand {
  static override summary = 'show which processes, containers and hosts connect to which';

  static override usage = '<%= command.id %> [FLAGS] [RECORDING ...]';

  static override description =
    prose(`Counts connections from one node to another: a node is a process, program, systemd unit, container, pod or host (--by), or a peer
outside of the recorded hosts. Each connection counts once, at the edge from its opener to its acceptor, however short it is and
however many recordings have it. An edge has the numbers of connections, failures and open connections, the bytes in both directions,
and median and 95th percentile of latency and round-trip time.

Without a recording, it traces this host until Ctrl-C or --duration, then prints the map. Recordings of several hosts are joined as by
\`tcptrace join\`. A filter includes a connection if it includes one of its sockets, so the peer of a selected process keeps its name.

-o html is a page in one file: a graph, a table, search, and a slider over time. With --serve, it is served while the trace runs, to everyone with
the URL that is printed; on 127.0.0.1 unless another address is given.

Exit codes: 0 done, 1 failure, 2 invalid usage, 3 not permitted or not supported here.`);

  static override examples = [
    {
      description: 'which programs of this host connected to which, in the next minute',
      command: 'sudo <%= config.bin %> <%= command.id %> --by program --duration 1m',
    },
    {
      description: 'a picture of the containers, with their listeners, at Ctrl-C',
      command: 'sudo <%= config.bin %> <%= command.id %> --by container --listening -o svg >map.svg',
    },
    {
      description: 'a live page in the browser; it prints the URL',
      command: 'sudo <%= config.bin %> <%= command.id %> --serve',
    },
    {
      description: 'hosts, from their recordings, for a Markdown page',
      command: '<%= config.bin %> <%= command.id %> --by host -o mermaid web.ndjson db.ndjson.gz',
    },
    {
      description: 'networks that nginx talks to',
      command: "<%= config.bin %> <%= command.id %> --by program --comm 'nginx*' --aggregate 24 web.ndjson",
    },
  ];

  static override args = {
    recording: argument({
      ignoreStdin: true,
      description: 'NDJSON written by watch, plain or compressed; - is stdin; none traces this host',
    }),
  };

  static override flags = mapFlags;

  async run(): Promise<ExitCode> {
    const {flags, words} = await this.read({flags: mapFlags, args: Map.args, takesManyWords: true});
    return map(readMapOptions(words, flags), process);
  }
}
