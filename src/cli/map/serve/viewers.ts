/**
 * The open pages, which receive server-sent events. A page that reads slowly misses changes, so that what waits for it is
 * bounded, and receives the whole state when it has read everything.
 */
import type {ServerResponse} from 'node:http';

/** Limit of open pages. */
export const MAX_VIEWERS = 32;

/** Bytes that may wait for a page; beyond them it misses changes. */
const MAX_WAITING = 2 ** 20;

/** A page that has read nothing for so long is disconnected; it connects again when it continues. */
const MAX_DELAY_MS = 60_000;

interface Viewer {
  readonly response: Pick<ServerResponse, 'write' | 'end' | 'destroy' | 'writableLength'>;
  /** Time of the first change that it missed; undefined if it has all. */
  lateSince: number | undefined;
}

export interface Viewers {
  /** @returns false if there are too many */
  readonly add: (response: Viewer['response']) => boolean;
  readonly remove: (response: Viewer['response']) => void;
  readonly count: () => number;
  /**
   * Sends a change to the pages that have all before it, and the whole state to those that have missed any.
   *
   * @param change undefined if nothing has changed
   * @param whole returns the state as JSON
   */
  readonly send: (change: string | undefined, whole: () => string) => void;
  /** Says that nothing follows, and disconnects. */
  readonly close: () => void;
}

function formatEvent(name: string, data: string): string {
  return `event: ${name}\ndata: ${data}\n\n`;
}

export function createViewers(): Viewers {
  const viewers = new Map<Viewer['response'], Viewer>();

  function sendTo(viewer: Viewer, change: string | undefined, whole: () => string): void {
    const {response, lateSince} = viewer;
    const now = performance.now();
    if (lateSince === undefined) {
      if (change === undefined) return;
      if (response.writableLength <= MAX_WAITING) response.write(change);
      else viewer.lateSince = now;
    } else if (response.writableLength === 0) {
      response.write(whole());
      viewer.lateSince = undefined;
    } else if (now - lateSince > MAX_DELAY_MS) {
      response.destroy();
    }
  }

  return {
    add(response) {
      if (viewers.size >= MAX_VIEWERS) return false;
      viewers.set(response, {response, lateSince: performance.now()});
      return true;
    },
    remove(response) {
      viewers.delete(response);
    },
    count: () => viewers.size,
    send(change, whole) {
      let state: string | undefined;
      const event = change === undefined ? undefined : formatEvent('change', change);
      for (const viewer of viewers.values())
        sendTo(viewer, event, () => (state ??= formatEvent('state', whole())));
    },
    close() {
      for (const {response} of viewers.values()) response.end(formatEvent('end', ''));
    },
  };
}
