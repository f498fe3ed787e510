/** Runs `tcptrace join`: joins recordings of several hosts to connections. */
import {type Clocks, createClocks} from '../../aggregate/join/clocks.js';
import {createJoiner, type Joiner} from '../../aggregate/join/joiner.js';
import {loadJoinedFormat} from '../../format/joined/formats.js';
import {ExitCode} from '../../model/errors.js';
import {parseTimeUs} from '../../model/units/time.js';
import type {Output} from '../../output/output.js';
import type {MergedBatch} from '../../sources/recording/recording.js';
import {createNotices} from '../io/notices.js';
import {describeDestination, openOutput, type Target} from '../io/printer.js';
import {openBatches, type WithStdin} from '../io/recordings.js';
import {refuseOwnRecording} from '../io/refuse-self-overwrite.js';
import type {Streams} from '../io/streams.js';
import {createStopper} from '../run/signals.js';
import {hostOf} from './hosts.js';
import {reportClocks, reportCounts} from './notices.js';
import type {JoinOptions} from './options.js';

/** The joiner needs no exact order. */
const MAX_SLACK_US = 1e6;

type JoinStreams = Streams & WithStdin & {readonly stdout: Target};

/** Adds the events of a batch. @returns number of lost events */
function addBatch({events, recording}: MergedBatch, joiner: Joiner, clocks: Clocks): number {
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

/** @returns number of lost events */
async function joinAll(
  batches: AsyncIterable<MergedBatch>,
  joiner: Joiner,
  clocks: Clocks,
  output: Output,
): Promise<number> {
  let lost = 0;
  for await (const batch of batches) {
    lost += addBatch(batch, joiner, clocks);
    await output.flush();
    if (output.closed.aborted) break;
  }
  joiner.finish();
  return lost;
}

/** @throws TcptraceError if a recording cannot be read, or the output failed */
export async function join(options: JoinOptions, streams: JoinStreams): Promise<ExitCode> {
  refuseOwnRecording(options.files, options.output);
  const {stdout, stderr} = streams;
  const stopper = createStopper();
  try {
    const say = createNotices(stderr, options.quiet);
    const output = await openOutput(options, streams, createNotices(stderr, false));
    stopper.follow(output.closed);
    const shown = {...options, ...describeDestination(options, stdout)};
    const {format, foot} = await loadJoinedFormat(options.format, shown);
    const clocks = createClocks();
    const windowUs = options.windowMs * 1000;
    const joiner = createJoiner({
      emit(connection) {
        output.add(format(connection));
      },
      windowUs,
      onPair: clocks.compare,
    });
    const read = {accepts: () => true, signal: stopper.signal};
    const batches = openBatches(options, streams, say, read, {
      timeOf: (event, {name}) => clocks.toCommon(hostOf(event, name), parseTimeUs(event.time)),
      slackUs: Math.min(MAX_SLACK_US, windowUs / 10),
    });
    const lost = await joinAll(batches, joiner, clocks, output);
    if (foot) output.add(foot());
    await output.end();
    if (!output.closed.aborted) {
      reportClocks(clocks, say);
      reportCounts(joiner.counts, lost, say);
    }
    return ExitCode.DONE;
  } finally {
    stopper.stop();
    stopper.release();
  }
}
