/** Reports what a trace does: as lines for people on stderr, or as records for the program that started it. */
import {writeSync} from 'node:fs';
import type {Writable} from 'node:stream';
import type {Source} from '../../model/event.js';
import type {Explanation} from '../run/errors.js';
import {createNotices, type Say} from './notices.js';
import {nowUs} from './wall-clock.js';

/** One line of JSON on the descriptor of --report-fd. */
export type TraceRecord =
  | {readonly type: 'ready'; readonly probe: Source}
  | {readonly type: 'notice'; readonly text: string}
  /** So many events are written, counted from the begin of the trace. */
  | {readonly type: 'written'; readonly events: number; readonly timeUs: number}
  | {readonly type: 'done'}
  | {readonly type: 'error'; readonly message: string; readonly exitCode: number};

export interface TraceLog {
  /** A notice, unless --quiet is given. */
  readonly say: Say;
  /** A warning, even with --quiet. */
  readonly warn: Say;
  readonly ready: (probe: Source) => void;
  /** Notes an event that is printed. */
  readonly printed: () => void;
  /** All printed events are written. */
  readonly written: () => void;
  /** The trace is complete. */
  readonly done: (summary: string) => void;
  /** Reports a failure; returns false if main.ts is to print it. */
  readonly fail: (explanation: Explanation) => boolean;
}

export function createTextLog(stderr: Writable, quiet: boolean): TraceLog {
  const say = createNotices(stderr, quiet);
  return {
    say,
    warn: createNotices(stderr, false),
    ready: (probe) => {
      say(`tracing with ${probe} (ready)`);
    },
    printed: () => undefined,
    written: () => undefined,
    done: say,
    fail: () => false,
  };
}

export function createRecordLog(fd: number): TraceLog {
  const write = (record: TraceRecord): void => {
    try {
      writeSync(fd, `${JSON.stringify(record)}\n`);
    } catch {
      // the program that asked for reports has exited
    }
  };
  const say = (text: string): void => {
    write({type: 'notice', text});
  };
  let events = 0;
  return {
    say,
    warn: say,
    ready: (probe) => {
      write({type: 'ready', probe});
    },
    printed: () => {
      events += 1;
    },
    written: () => {
      write({type: 'written', events, timeUs: nowUs()});
    },
    done: () => {
      write({type: 'done'});
    },
    fail({line = '', exitCode}) {
      write({type: 'error', message: line, exitCode});
      return true;
    },
  };
}
