/** Runs `tcptrace join`: joins recordings of several hosts to connections. */
import {createClocks} from '../../aggregate/join/clocks.js';
import {createJoiner} from '../../aggregate/join/joiner.js';
import {loadJoinedFormat} from '../../format/joined/formats.js';
import {ExitCode} from '../../model/errors.js';
import {createNotices} from '../io/notices.js';
import {describeDestination, openOutput, type Target} from '../io/printer.js';
import type {WithStdin} from '../io/recordings.js';
import {refuseOwnRecording} from '../io/refuse-self-overwrite.js';
import type {Streams} from '../io/streams.js';
import {createStopper} from '../run/signals.js';
import {feedRecordings} from './feed.js';
import {reportClocks, reportCounts} from './notices.js';
import type {JoinOptions} from './options.js';

type JoinStreams = Streams & WithStdin & {readonly stdout: Target};

/** @throws TcptraceError if a recording cannot be read, or the output failed */
export async function join(options: JoinOptions, streams: JoinStreams): Promise<ExitCode> {
  refuseOwnRecording(options.files, options.output);
  const {stdout, stderr} = streams;
  const {windowMs} = options;
  const stopper = createStopper();
  try {
    const say = createNotices(stderr, options.quiet);
    const output = await openOutput(options, streams, createNotices(stderr, false));
    stopper.follow(output.closed);
    const shown = {...options, ...describeDestination(options, stdout)};
    const {format, foot} = await loadJoinedFormat(options.format, shown);
    const clocks = createClocks();
    const joiner = createJoiner({
      emit(connection) {
        output.add(format(connection));
      },
      windowUs: windowMs * 1000,
      onPair: clocks.compare,
    });
    const feed = {joiner, clocks, windowMs, flush: () => output.flush(), signal: stopper.signal};
    const lost = await feedRecordings(options, streams, say, feed);
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
