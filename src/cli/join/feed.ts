/** Passes the events of recordings to a joiner, in order of time by a common clock. */
import type {Clocks} from '../../aggregate/join/clocks.js';
import type {Joiner} from '../../aggregate/join/joiner.js';
import {parseTimeUs} from '../../model/units/time.js';
import type {MergedBatch} from '../../sources/recording/recording.js';
import type {Say} from '../io/notices.js';
import {openBatches, type RecordingOptions, type WithStdin} from '../io/recordings.js';
import {hostOf} from './hosts.js';

/** The joiner needs no exact order. */
const MAX_SLACK_US = 1e6;

export interface Feed {
  readonly joiner: Joiner;
  readonly clocks: Clocks;
  readonly windowMs: number;
  /** Called after each batch, such as to write what was joined. */
  readonly flush?: () => Promise<void>;
  /** Stops reading when aborted. */
  readonly signal: AbortSignal;
}

/** Adds the events of a batch. @returns number of lost events */
function addBatch({events, recording}: MergedBatch, {joiner, clocks}: Feed): number {
  let lost = 0;
  for (const event of events) {
    if (event.event === 'lost') {
      lost += event.count;
      continue;
    }
    const host = hostOf(event, recording.name);
    joiner.add(event, host, clocks.toCommon(host, parseTimeUs(event.time)));
  }
  return lost;
}

/**
 * Reads to the end, and makes the joiner emit what is left.
 *
 * @returns number of lost events
 * @throws TcptraceError if a recording cannot be read
 */
export async function feedRecordings(
  options: RecordingOptions,
  streams: WithStdin,
  say: Say,
  feed: Feed,
): Promise<number> {
  const {joiner, clocks, windowMs, flush, signal} = feed;
  const batches = openBatches(
    options,
    streams,
    say,
    {accepts: () => true, signal},
    {
      timeOf: (event, {name}) => clocks.toCommon(hostOf(event, name), parseTimeUs(event.time)),
      slackUs: Math.min(MAX_SLACK_US, windowMs * 100),
    },
  );
  let lost = 0;
  for await (const batch of batches) {
    lost += addBatch(batch, feed);
    await flush?.();
    if (signal.aborted) break;
  }
  joiner.finish();
  return lost;
}
