/** Flags of `tcptrace list`: combines groups of flags and rejects invalid combinations. */
import type {NameLookups} from '../../enrich/namer.js';
import {type FormatName, REPORT_FORMAT_NAMES} from '../../format/formats.js';
import type {NameKind} from '../../format/table/name-columns.js';
import {SOCKET_COLUMN_NAMES} from '../../format/reports/socket-columns.js';
import {usageError} from '../../model/errors.js';
import {quote} from '../../model/basics/quote.js';
import type {ListOptions} from '../../sources/sockets.js';
import {choiceFlag, listFlag, switchFlag, type Values} from '../flags/parse/define.js';
import {filterFlags} from '../flags/filter.js';
import {hostNameFlags} from '../flags/host-name.js';
import {findMissingCgroups, readLiveFilter} from '../flags/live.js';
import {lookupFlags, peersFlag, readLookups, readPeers} from '../flags/lookups.js';
import {formatFlags, readFormatOptions} from '../flags/format.js';
import {quietFlag} from '../flags/output.js';
import {btfFlag} from '../flags/probe.js';
import type {PrintOptions} from '../io/printer.js';
import type {StateName} from '../../model/state.js';
import {SORT_KEYS, type SortKey} from './sort.js';
import {ALL_STATES, CONNECTED, parseState, STATE_NAMES} from './states.js';

export const listFlags = {
  listening: switchFlag({group: 'filter', help: 'only listeners'}),
  all: switchFlag({group: 'filter', help: 'connections and listeners'}),
  state: listFlag({
    group: 'filter',
    value: 'STATE',
    help: `TCP state, as ss names it: ${STATE_NAMES.join(', ')}; connected by default`,
    parse: parseState,
    completion: {kind: 'list', words: STATE_NAMES},
  }),
  ...filterFlags,
  ...lookupFlags('the listing waits up to 2 s for them'),
  peers: peersFlag,
  sort: choiceFlag(SORT_KEYS, {
    group: 'output',
    value: 'KEY',
    help: 'sort by this number, largest first; by process and port by default',
  }),
  ...formatFlags({formats: REPORT_FORMAT_NAMES, columns: SOCKET_COLUMN_NAMES}),
  ...hostNameFlags,
  quiet: quietFlag('notices'),
  proc: switchFlag({group: 'source', help: 'read /proc instead of using eBPF'}),
  btf: btfFlag,
};

export type ListFlags = Values<typeof listFlags>;

export interface ListSessionOptions extends ListOptions, PrintOptions {
  /** Undefined sorts by process and port. */
  readonly sort: SortKey | undefined;
  /** Undefined if nothing is looked up. */
  readonly names?: NameLookups;
  /** Names that are looked up. */
  readonly kinds: readonly NameKind[];
  /** Notices about surprising effects of the filters, one line each. */
  readonly remarks: readonly string[];
  readonly quiet: boolean;
}

function readSource({proc, btf}: ListFlags): ListSessionOptions['source'] {
  if (proc && btf !== undefined) throw usageError('--btf applies to eBPF', 'leave it out with --proc');
  // a BTF file is for eBPF only
  return proc ? 'proc' : btf === undefined ? 'auto' : 'ebpf';
}

const REMOTE_FLAGS = ['rport', 'raddr', 'not-rport', 'not-raddr'] as const;

/** Returns the TCP states to list. */
function readStates({listening, all, state}: ListFlags): ReadonlySet<StateName> {
  if (listening && all)
    throw usageError('--listening and --all cannot be combined', '--all includes listeners');
  if (state.length > 0 && (listening || all))
    throw usageError(`--state and --${all ? 'all' : 'listening'} cannot be combined`, 'give one of them');
  if (state.length > 0) return new Set(state);
  return new Set(all ? ALL_STATES : listening ? ['listening'] : CONNECTED);
}

function refuseRemote(flags: ListFlags): void {
  if (!flags.listening) return;
  const remote = REMOTE_FLAGS.find((name) => flags[name].length > 0);
  if (remote !== undefined)
    throw usageError(`--listening and --${remote} cannot be combined`, 'a listener has no remote endpoint');
}

/** Rejects a cgroup that does not exist: unlike a trace, a listing cannot match cgroups created later. */
function refuseMissingCgroup(flags: ListFlags): void {
  const [missing] = findMissingCgroups(flags);
  if (missing !== undefined) throw usageError(`--${missing.flag}: no such cgroup: ${quote(missing.path)}`);
}

function readHostName(flags: ListFlags, format: FormatName): Pick<ListOptions, 'hostName'> {
  const hostName = flags['host-name'];
  if (hostName === undefined) return {};
  if (format === 'table' || format === 'wide')
    throw usageError('--host-name does not apply to the table', 'add --json or --ndjson');
  return {hostName};
}

/** @throws TcptraceError (usage) if flags cannot be combined, or a process or cgroup does not exist */
export function readListOptions(flags: ListFlags): ListSessionOptions {
  const states = readStates(flags);
  refuseRemote(flags);
  const {filter, remarks} = readLiveFilter(flags);
  refuseMissingCgroup(flags);
  const output = readFormatOptions(flags);
  const source = readSource(flags);
  return {
    source,
    ...readPeers(flags.peers, source),
    filter,
    wants: ({state}) => states.has(state),
    btfPath: flags.btf,
    ...output,
    ...readHostName(flags, output.format),
    sort: flags.sort,
    ...readLookups(flags, output.columns),
    remarks,
    quiet: flags.quiet,
  };
}
