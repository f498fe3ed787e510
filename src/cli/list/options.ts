/** Flags of `tcptrace list`, as text, -> options. */
import path from 'node:path';
import {usageError} from '../../model/errors.js';
import {BRIEF_COLUMNS} from '../../format/name-columns.js';
import type {ColorChoice} from '../../terminal/color.js';
import {
  type FilterFlags,
  findMissingCgroups,
  readList,
  readSocketFilter,
  refuseNobody,
} from '../flags/filter.js';
import type {ListSessionOptions} from './session.js';
import {type LookupFlags, readLookups} from '../flags/lookups.js';
import {readOptional} from '../flags/read.js';
import type {TcpStateName} from '../../model/socket.js';
import {ALL_STATES, CONNECTED, parseState} from './states.js';
import {parseFile} from '../flags/values.js';

export interface ListFlags extends FilterFlags, LookupFlags {
  readonly listening: boolean;
  readonly all: boolean;
  readonly state: readonly string[] | undefined;
  readonly json: boolean;
  readonly ndjson: boolean;
  readonly color: ColorChoice;
  readonly quiet: boolean;
  readonly proc: boolean;
  readonly btf: string | undefined;
}

function readWay({proc, btf}: ListFlags): ListSessionOptions['way'] {
  if (proc && btf !== undefined) throw usageError('--btf is for eBPF', 'leave it out with --proc');
  // types that were named are there for eBPF
  return proc ? 'proc' : btf === undefined ? 'auto' : 'ebpf';
}

function readOutputOptions({json, ndjson}: ListFlags): ListSessionOptions['form'] {
  if (json && ndjson) throw usageError('--json and --ndjson exclude each other', 'give one of them');
  return json ? 'json' : ndjson ? 'ndjson' : 'table';
}

const REMOTE_FLAGS = ['rport', 'raddr', 'not-rport', 'not-raddr'] as const;

function refuseRemoteEnds(flags: ListFlags): void {
  const flag = REMOTE_FLAGS.find((name) => flags[name]);
  if (flags.listening && flag !== undefined)
    throw usageError(`--listening and --${flag} exclude each other`, 'what listens has no remote end');
}

/** What is to come is not waited for. */
function refuseMissingCgroup(flags: ListFlags): void {
  const [missing] = findMissingCgroups(flags);
  if (missing !== undefined)
    throw usageError(`--${missing.flag}: no such cgroup: ${JSON.stringify(missing.path)}`);
}

/** Returns the TCP states to list. */
function readStates({listening, all, state}: ListFlags): ReadonlySet<TcpStateName> {
  if (listening && all)
    throw usageError('--listening and --all exclude each other', '--all has what listens, too');
  if (state !== undefined && (listening || all))
    throw usageError(`--state and --${all ? 'all' : 'listening'} exclude each other`, 'give one of them');
  if (state !== undefined) return new Set(readList('state', state, parseState).flat());
  return new Set(all ? ALL_STATES : listening ? ['LISTEN'] : CONNECTED);
}

/** @throws TcptraceError (usage) where a value is wrong, flags exclude each other, or what is asked for does not exist */
export function readListOptions(flags: ListFlags): ListSessionOptions {
  const states = readStates(flags);
  refuseRemoteEnds(flags);
  const filter = readSocketFilter(flags);
  refuseNobody(filter);
  refuseMissingCgroup(flags);
  const btf = readOptional('btf', flags.btf, parseFile);
  const {kinds, ...names} = readLookups(flags);
  return {
    way: readWay(flags),
    filter,
    wants: ({state}) => states.has(state),
    btfPath: btf === undefined ? undefined : path.resolve(btf),
    form: readOutputOptions(flags),
    ...names,
    nameColumns: kinds.flatMap((kind) => BRIEF_COLUMNS[kind]),
    color: flags.color,
    quiet: flags.quiet,
  };
}
