/** Flags of `tcptrace watch`, as text, -> options. */
import {parseDuration} from '../model/duration.js';
import {usageError} from '../model/errors.js';
import {EVENT_KINDS, type EventKind} from '../model/event.js';
import type {ColorChoice} from '../terminal/color.js';
import {
  type EventFlags,
  type FilterFlags,
  readEvents,
  readSocketFilter,
  refuseNobody,
} from './filter-options.js';
import {type ProbeFlags, readProbeOptions} from './probe-options.js';
import {readOptional} from './read-value.js';
import {parseCount} from './values.js';
import type {WatchOptions} from './watch-session.js';

/** What the command line parser makes of argv: only what needs no knowledge of ours is checked. */
export interface WatchFlags extends ProbeFlags, FilterFlags, EventFlags {
  readonly duration: string | undefined;
  readonly count: string | undefined;
  readonly ndjson: boolean;
  readonly color: ColorChoice;
  readonly quiet: boolean;
  readonly 'fail-on-loss': boolean;
}

/** Open connections are listed on demand. */
const DEFAULT_EVENTS: readonly EventKind[] = EVENT_KINDS.filter((kind) => kind !== 'open');

/** What only the kernel can see must not be waited for in vain, or promised. */
function refuseUnseen({probe, filter, failOnLoss}: WatchOptions, {event}: WatchFlags): void {
  if (probe !== 'proc') return;
  if (event !== undefined && filter.events.includes('fail'))
    throw usageError('--event fail: /proc does not show what failed', 'leave it out with --proc');
  if (failOnLoss)
    throw usageError('--fail-on-loss: what scans of /proc miss is not counted', 'leave it out with --proc');
}

/** @throws TcptraceError (usage) where a value is wrong, a flag would have no effect, or no process has a pid that is asked for */
export function readWatchOptions(flags: WatchFlags): WatchOptions {
  const filter = {events: readEvents(flags, DEFAULT_EVENTS), ...readSocketFilter(flags)};
  const probeOptions = readProbeOptions(flags);
  const options: WatchOptions = {
    ...probeOptions,
    // scans cannot count what they miss
    mayFallBack: probeOptions.mayFallBack && !flags['fail-on-loss'],
    filter,
    durationMs: readOptional('duration', flags.duration, parseDuration),
    count: readOptional('count', flags.count, parseCount),
    ndjson: flags.ndjson,
    color: flags.color,
    quiet: flags.quiet,
    failOnLoss: flags['fail-on-loss'],
  };
  refuseUnseen(options, flags);
  refuseNobody(filter);
  return options;
}
