/** Traces this host and serves the page of its map meanwhile. */
import type {JoinedConnection} from '../../../aggregate/join/connection.js';
import type {Joiner} from '../../../aggregate/join/joiner.js';
import type {MapBuilder} from '../../../aggregate/map/map.js';
import {isLoopback} from '../../../model/basics/loopback.js';
import type {ListenAddress} from '../../../output/listen.js';
import type {Output} from '../../../output/output.js';
import {addListeners, type LiveContext, type LiveSource, traceLive} from '../live.js';
import {openLivePage} from './live-page.js';

export interface Serving {
  readonly place: ListenAddress;
  readonly map: MapBuilder;
  readonly joiner: Joiner;
  readonly accepts: (connection: JoinedConnection) => boolean;
  /** Receives the URL. */
  readonly output: Output;
}

/**
 * Prints the URL as soon as every probe is attached, and serves until the stopper stops.
 *
 * @returns number of lost events
 * @throws TcptraceError if the address is not available, or no probe could be attached
 */
export async function traceAndServe(
  source: LiveSource,
  {place, map, joiner, accepts, output}: Serving,
  context: LiveContext,
): Promise<number> {
  let lost = 0;
  const page = await openLivePage(
    place,
    {
      map,
      pending: () => joiner.pending().filter(accepts),
      lost: () => lost,
      listListeners: source.listening ? () => addListeners(source, map) : undefined,
    },
    context.warn,
  );
  try {
    if (!isLoopback(place.host))
      context.warn('everyone with the URL can see the map; the connection is not encrypted');
    return await traceLive(source, joiner, {
      ...context,
      onTrace(trace) {
        page.follow(trace);
        output.add(`${page.url}\n`);
        void output.flush();
      },
      onLost(total) {
        lost = total;
      },
    });
  } finally {
    await page.close();
  }
}
