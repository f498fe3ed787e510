/** Traces this host for a map. */
import type {Joiner} from '../../aggregate/join/joiner.js';
import type {MapBuilder} from '../../aggregate/map/map.js';
import {nameSockets} from '../../enrich/enrich.js';
import {NO_FILTER} from '../../filter/filter.js';
import {formatEndpoint} from '../../format/table/cells.js';
import {parseTimeUs} from '../../model/units/time.js';
import {list} from '../../sources/sockets.js';
import {trace as openTrace, type Trace} from '../../trace.js';
import type {Say} from '../io/notices.js';
import type {Streams} from '../io/streams.js';
import {reportStats, warnOfFallback} from '../io/trace-report.js';
import type {Stopper} from '../run/signals.js';
import type {MapSource} from './options.js';

export type LiveSource = Extract<MapSource, {kind: 'live'}>;

export interface LiveContext {
  readonly streams: Streams;
  readonly stopper: Stopper;
  readonly say: Say;
  /** Prints warnings, also with --quiet. */
  readonly warn: Say;
  /** Called when the probe is attached. */
  readonly onTrace?: (trace: Trace) => void;
  /** Called with the number of events that were lost so far. */
  readonly onLost?: (total: number) => void;
}

/** @throws TcptraceError if no probe could be attached */
function attach(source: LiveSource, {streams, stopper, say, warn}: LiveContext): Trace {
  const {source: choice, limits, intervalMs, names, hostName} = source;
  const trace = openTrace({
    source: choice,
    limits: {...limits, outputFd: streams.stdout.fd},
    intervalMs,
    hostName,
    filter: {...NO_FILTER, events: ['connect', 'accept', 'close', 'fail', 'open', 'update']},
    // the totals of connections that are open at the end
    updatesOnRequest: true,
    ...(names && {names: {...names, say}}),
    signal: stopper.signal,
  });
  warnOfFallback(trace, intervalMs, warn);
  for (const note of trace.notes) say(`without ${note}`);
  return trace;
}

/** Traces until the stopper stops. @returns number of lost events */
export async function traceLive(source: LiveSource, joiner: Joiner, context: LiveContext): Promise<number> {
  const {stopper, say, onTrace, onLost} = context;
  const trace = attach(source, context);
  onTrace?.(trace);
  if (source.durationMs !== undefined) stopper.after(source.durationMs);
  say(`tracing with ${trace.source} (ready)`);
  let lost = 0;
  for await (const batch of trace.events) {
    for (const event of batch) {
      if (event.event !== 'lost') {
        joiner.add(event, event.host, parseTimeUs(event.time));
        continue;
      }
      lost += event.count;
      onLost?.(lost);
    }
  }
  reportStats(trace, say);
  return lost;
}

/** Adds the listeners of this host. */
export async function addListeners(
  {source, names, limits, hostName}: LiveSource,
  map: MapBuilder,
): Promise<void> {
  const kind = source === 'auto' || source === 'proc' ? source : 'ebpf';
  const {sockets} = list({
    source: kind,
    wants: ({state}) => state === 'listening',
    numbers: false,
    btfPath: limits.btfPath,
    hostName,
  });
  for (const socket of names === undefined ? sockets : await nameSockets(sockets, names))
    map.listen(socket, formatEndpoint(socket.family, socket.laddr, socket.lport));
}
