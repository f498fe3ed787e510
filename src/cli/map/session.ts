/** Runs `tcptrace map`: draws which processes, containers, hosts and so on connect to which. */
import {createClocks} from '../../aggregate/join/clocks.js';
import {createJoiner} from '../../aggregate/join/joiner.js';
import {createMap, type MapBuilder} from '../../aggregate/map/map.js';
import {ExitCode} from '../../model/errors.js';
import type {Output} from '../../output/output.js';
import {feedRecordings} from '../join/feed.js';
import {reportClocks} from '../join/notices.js';
import {createNotices, type Say} from '../io/notices.js';
import {openOutput, printReport, type Target} from '../io/printer.js';
import type {WithStdin} from '../io/recordings.js';
import {refuseOwnRecording} from '../io/refuse-self-overwrite.js';
import type {Streams} from '../io/streams.js';
import {createStopper, type Stopper} from '../run/signals.js';
import {addListeners, traceLive} from './live.js';
import {createNetworkOf} from './networks.js';
import {isPage, type MapSessionOptions} from './options.js';

type MapStreams = Streams & WithStdin & {readonly stdout: Target};

interface MapContext {
  readonly streams: MapStreams;
  readonly stopper: Stopper;
  readonly say: Say;
  readonly output: Output;
}

/** Adds all connections to the map. @returns number of lost events */
async function fillMap(
  {source, accepts, windowMs, serve}: MapSessionOptions,
  map: MapBuilder,
  {streams, stopper, say, output}: MapContext,
): Promise<number> {
  const clocks = createClocks();
  const joiner = createJoiner({
    emit(connection) {
      if (accepts(connection)) map.add(connection);
    },
    windowUs: windowMs * 1000,
    onPair: clocks.compare,
  });
  if (source.kind === 'recordings') {
    const context = {joiner, clocks, windowMs, signal: stopper.signal};
    const lost = await feedRecordings(source, streams, say, context);
    reportClocks(clocks, say);
    return lost;
  }
  const live = {streams, stopper, say, warn: createNotices(streams.stderr, false)};
  if (serve !== undefined) {
    const {traceAndServe} = await import('./serve/session.js');
    return traceAndServe(source, {place: serve, map, joiner, accepts, output}, live);
  }
  const lost = await traceLive(source, joiner, live);
  joiner.finish();
  if (source.listening) await addListeners(source, map);
  return lost;
}

async function print(
  map: MapBuilder,
  lost: number,
  options: MapSessionOptions,
  output: Output,
  stdout: Target,
): Promise<void> {
  const {picture, serve} = options;
  if (serve !== undefined) {
    await output.end();
    return;
  }
  if (picture === undefined) {
    const {reportMap} = await import('../../format/map/report.js');
    await printReport(reportMap(map.build(), lost), options, output, stdout);
    return;
  }
  const {drawMap} = await import('../../format/map/pictures.js');
  output.add(await drawMap(map.build(), picture, lost));
  await output.end();
}

/**
 * Reads recordings, or traces until a signal, --duration, or the reader of the output closes it; then prints the map, or
 * serves it meanwhile.
 *
 * @throws TcptraceError if a recording cannot be read, no probe could be attached, or the output failed
 */
export async function map(options: MapSessionOptions, streams: MapStreams): Promise<ExitCode> {
  const {source, grouping, aggregation, quiet, remarks} = options;
  const {stdout, stderr} = streams;
  if (source.kind === 'recordings') refuseOwnRecording(source.files, options.output);
  const stopper = createStopper();
  try {
    const say = createNotices(stderr, quiet);
    const output = await openOutput(options, streams, createNotices(stderr, false));
    stopper.follow(output.closed);
    for (const remark of remarks) say(remark);
    const built = createMap({
      grouping,
      networkOf: aggregation && createNetworkOf(aggregation),
      hasHistory: isPage(options),
    });
    const lost = await fillMap(options, built, {streams, stopper, say, output});
    if (lost > 0) say(`${String(lost)} events were lost; the map may lack connections`);
    await print(built, lost, options, output, stdout);
    return ExitCode.DONE;
  } finally {
    stopper.stop();
    stopper.release();
  }
}
