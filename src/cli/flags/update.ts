/** Flag that enables `update` events, with the current numbers of live connections. */
import {usageError} from '../../model/errors.js';
import type {EventKind} from '../../model/event.js';
import {parseDuration} from '../../model/units/duration.js';
import type {SourceChoice} from '../../sources/choose.js';
import {valueFlag, type Values} from './parse/define.js';

/** Parses to whole milliseconds, at least one. */
function parseUpdateInterval(text: string): number {
  return Math.max(1, Math.round(parseDuration(text)));
}

export const updateFlags = {
  update: valueFlag({
    group: 'output',
    value: 'TIME',
    help: 'every TIME, print the numbers of each live connection that has changed: bytes, round-trip time, queues',
    parse: parseUpdateInterval,
  }),
};

interface UpdateFlags extends Values<typeof updateFlags> {
  /** Kinds that --event names. */
  readonly event: readonly EventKind[];
}

/**
 * @param events kinds that are printed
 * @returns milliseconds between `update` events; undefined without them
 * @throws TcptraceError (usage) if the source has no numbers, or --event and --update disagree
 */
export function readUpdates(
  {update, event}: UpdateFlags,
  source: SourceChoice,
  events: readonly EventKind[],
): number | undefined {
  if (update === undefined) {
    if (event.includes('update')) throw usageError('--event update needs an interval', 'add --update 1s');
    return undefined;
  }
  if (source === 'proc')
    throw usageError('--update: /proc does not show bytes and round-trip time', 'leave it out with --proc');
  if (!events.includes('update'))
    throw usageError('--update: no update is printed', 'add update to --event, or leave --update out');
  return update;
}
