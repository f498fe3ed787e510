/** Keeps the page of a live map up to date. */
import type {JoinedConnection} from '../../../aggregate/join/connection.js';
import type {MapBuilder} from '../../../aggregate/map/map.js';
import {describePage} from '../../../format/map/page/describe.js';
import type {PageState} from '../../../format/map/page/state.js';
import {reasonOf} from '../../../model/errors.js';
import type {ListenAddress} from '../../../output/listen.js';
import type {Trace} from '../../../trace.js';
import type {Say} from '../../io/notices.js';
import {createChanges} from './changes.js';
import {openServer} from './server.js';
import {createViewers, type Viewers} from './viewers.js';

/** Time between two changes, unless computing them takes long. */
const INTERVAL_MS = 200;

/** Computing changes takes at most this share of the time. */
const MAX_SHARE = 0.1;

/** Time between two readings of the numbers of live connections. */
const UPDATE_MS = 2000;

export interface ServedMap {
  readonly map: MapBuilder;
  /** Returns the connections that the map does not have yet. */
  readonly pending: () => readonly JoinedConnection[];
  readonly lost: () => number;
  /** Adds listeners; undefined if none were requested. */
  readonly listListeners: (() => Promise<void>) | undefined;
}

export interface LivePage {
  readonly url: string;
  /** Reads the numbers of live connections as long as a page is open. */
  readonly follow: (trace: Trace) => void;
  readonly close: () => Promise<void>;
}

function createPublisher({map, pending, lost}: ServedMap, viewers: Viewers): () => void {
  const changes = createChanges();
  return () => {
    const state: PageState = describePage(map.build({pending: pending(), nowUs: Date.now() * 1000}), lost());
    const change = changes.next(state);
    viewers.send(change && JSON.stringify(change), () => JSON.stringify(state));
  };
}

/** Repeats an action as long as there are viewers, at most for a share of the time. @returns a function that stops it */
function repeat(viewers: Viewers, action: () => void): {readonly stop: () => void} {
  let timer: NodeJS.Timeout | undefined;
  const run = (): void => {
    const start = performance.now();
    if (viewers.count() > 0) action();
    const tookMs = performance.now() - start;
    timer = setTimeout(run, Math.max(INTERVAL_MS, tookMs / MAX_SHARE));
  };
  run();
  return {
    stop() {
      clearTimeout(timer);
    },
  };
}

/** Reads the numbers of live connections, and lists listeners, as long as a page is open. */
function createReadings(
  {listListeners}: ServedMap,
  viewers: Viewers,
  warn: Say,
): Pick<LivePage, 'follow'> & {readonly stop: () => void} {
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  const stop = (): void => {
    clearInterval(timer);
  };

  async function read(trace: Trace): Promise<void> {
    if (isRunning || viewers.count() === 0) return;
    isRunning = true;
    try {
      if ('update' in trace) await trace.update();
      await listListeners?.();
    } catch (error) {
      warn(`cannot update the numbers of the map: ${reasonOf(error)}`);
      stop();
    } finally {
      isRunning = false;
    }
  }

  return {
    follow(trace) {
      timer = setInterval(() => void read(trace), UPDATE_MS);
    },
    stop,
  };
}

/**
 * @param warn receives warnings that do not end the trace
 * @throws TcptraceError if the address is not available
 */
export async function openLivePage(place: ListenAddress, served: ServedMap, warn: Say): Promise<LivePage> {
  const viewers = createViewers();
  const publish = createPublisher(served, viewers);
  const readings = createReadings(served, viewers, warn);
  const server = await openServer(place, viewers, publish);
  const publishing = repeat(viewers, publish);
  return {
    url: server.url,
    follow: readings.follow,
    async close() {
      publishing.stop();
      readings.stop();
      if (viewers.count() > 0) publish();
      await server.close();
    },
  };
}
