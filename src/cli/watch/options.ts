/** Flags of `tcptrace watch`, as text, -> options. */
import {parseDuration} from '../../model/duration.js';
import {usageError} from '../../model/errors.js';
import {UNSEEN_BY_PROC} from '../../format/columns.js';
import {
  type EventFlags,
  type FilterFlags,
  findMissingCgroups,
  readEvents,
  readSocketFilter,
  refuseNobody,
} from '../flags/filter.js';
import {type ProbeFlags, readProbeOptions} from '../flags/probe.js';
import {DEFAULT_EVENTS} from '../../trace-options.js';
import {type OutputFlags, readOutputOptions} from '../flags/output.js';
import {type LookupFlags, readEventLookups} from '../flags/lookups.js';
import {readOptional} from '../flags/read.js';
import {parseCount, parseNewFile} from '../flags/values.js';
import type {WatchOptions} from './session.js';

/** What the command line parser makes of argv: only what needs no knowledge of ours is checked. */
export interface WatchFlags extends ProbeFlags, FilterFlags, EventFlags, OutputFlags, LookupFlags {
  readonly duration: string | undefined;
  readonly count: string | undefined;
  readonly quiet: boolean;
  readonly 'fail-on-loss': boolean;
  readonly 'ready-file': string | undefined;
  readonly follow: boolean;
  readonly 'as-root': boolean;
}

/** What only the kernel can see must not be waited for in vain, or promised. */
function refuseUnseen({probe, filter, columns, failOnLoss}: WatchOptions, {event}: WatchFlags): void {
  if (probe !== 'proc') return;
  if (event !== undefined && filter.events.includes('fail'))
    throw usageError('--event fail: /proc does not show what failed', 'leave it out with --proc');
  const unseen = columns?.find((name) => UNSEEN_BY_PROC.includes(name));
  if (unseen !== undefined)
    throw usageError(`--columns ${unseen}: /proc does not show that`, 'leave it out with --proc');
  if (failOnLoss)
    throw usageError('--fail-on-loss: what scans of /proc miss is not counted', 'leave it out with --proc');
}

/** What says when to end, or which processes, beside a command. */
const WITHOUT_COMMAND = ['pid', 'follow', 'count', 'duration'] as const;

function refuseCommand(words: readonly string[] | undefined, flags: WatchFlags): void {
  if (words === undefined) {
    if (flags['as-root']) throw usageError('--as-root is for a command', 'write it behind --');
    if (flags.follow && flags.pid === undefined)
      throw usageError('--follow is for processes', 'name one with --pid');
    return;
  }
  if (words.length === 0) throw usageError('no command behind --');
  const useless = WITHOUT_COMMAND.find((flag) => flags[flag]);
  if (useless !== undefined)
    throw usageError(`--${useless} and a command exclude each other`, 'give one of them');
}

/**
 * @param words the command that is to be traced
 * @throws TcptraceError (usage) where a value is wrong, a flag would have no effect, or no process has a pid that is asked for
 */
export function readWatchOptions(flags: WatchFlags, words?: readonly string[]): WatchOptions {
  refuseCommand(words, flags);
  const socketFilter = readSocketFilter(flags);
  refuseNobody(socketFilter);
  const probeOptions = readProbeOptions(flags);
  const follow = words
    ? {pids: [], childrenOf: process.pid}
    : flags.follow
      ? {pids: socketFilter.pids}
      : undefined;
  if (follow && probeOptions.probe === 'proc')
    throw usageError('scans of /proc cannot follow processes', 'leave out --proc');
  const filter = {
    events: readEvents(flags, DEFAULT_EVENTS),
    ...socketFilter,
    ...(follow && {pids: []}),
  };
  const form = readOutputOptions(flags);
  const options: WatchOptions = {
    ...probeOptions,
    // scans cannot count what they miss
    mayFallBack: probeOptions.mayFallBack && !flags['fail-on-loss'] && !follow,
    filter,
    ...(follow && {follow}),
    ...(words && {command: {words, asRoot: flags['as-root']}}),
    durationMs: readOptional('duration', flags.duration, parseDuration),
    count: readOptional('count', flags.count, parseCount),
    ...form,
    ...readEventLookups(flags, form.columns),
    missingCgroups: findMissingCgroups(flags),
    quiet: flags.quiet,
    readyFile: readOptional('ready-file', flags['ready-file'], (text) => parseNewFile(text)),
    failOnLoss: flags['fail-on-loss'],
  };
  refuseUnseen(options, flags);
  return options;
}
