/** Reports the progress of a trace: as lines on stderr, or as JSON records for the program that started it. */
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
  /** Number of events that have been written since the trace began. */
  | {readonly type: 'written'; readonly events: number; readonly timeUs: number}
  | {readonly type: 'done'}
  | {readonly type: 'error'; readonly message: string; readonly exitCode: number};

export interface TraceLog {
  /** Prints a notice, unless --quiet is given. */
  readonly say: Say;
  /** Prints a warning, even with --quiet. */
  readonly warn: Say;
  readonly ready: (probe: Source) => void;
  /** Counts a printed event. */
  readonly printed: () => void;
  /** Reports that all printed events have been written. */
  readonly written: () => void;
  /** Reports that the trace is complete. */
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
      // the program that reads the records has exited
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
