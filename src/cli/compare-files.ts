/** `tcptrace compare A B`: two recordings. */
import {createReadStream} from 'node:fs';
import type {Readable} from 'node:stream';
import {createLedger} from '../compare/ledger.js';
import {compareWays, type Report, type Way} from '../compare/report.js';
import {isWanted} from '../compare/wanted.js';
import {ExitCode, TcptraceError} from '../model/errors.js';
import {parseTimeUs} from '../model/time.js';
import type {SocketFilter} from '../model/filter.js';
import {readRecording} from '../sources/recording.js';
import type {Say} from './notices.js';

export interface FilesOptions {
  /** `-` is stdin. */
  readonly files: readonly [string, string];
  readonly filter: SocketFilter;
  /** A broken line is a failure. */
  readonly strict: boolean;
}

/** Broken lines that are told one by one; of more, how many. */
const TOLD = 10;

function open(file: string, stdin: Readable): Readable {
  return file === '-' ? stdin : createReadStream(file);
}

function readError(file: string, error: unknown): TcptraceError {
  const reason = error instanceof Error ? error.message : String(error);
  return new TcptraceError(`cannot read ${file}: ${reason}`, ExitCode.FAILURE, undefined, {cause: error});
}

async function readWay(
  file: string,
  {filter, strict}: FilesOptions,
  stdin: Readable,
  say: Say,
): Promise<Way> {
  const ledger = createLedger();
  let broken = 0;
  try {
    for await (const {number, event} of readRecording(open(file, stdin))) {
      if (event === undefined) {
        broken += 1;
        const place = `${file}:${String(number)}: not an event`;
        if (strict) throw new TcptraceError(place, ExitCode.FAILURE, 'leave out --strict to skip such lines');
        if (broken <= TOLD) say(`${place}, skipped`);
      } else if (isWanted(filter, event)) {
        ledger.add(event, parseTimeUs(event.time));
      }
    }
  } catch (error) {
    throw error instanceof TcptraceError ? error : readError(file, error);
  }
  if (broken > TOLD) say(`${file}: ${String(broken)} lines are not events, skipped`);
  const name = `${file}${ledger.sources.size === 0 ? '' : ` (${[...ledger.sources].join(', ')})`}`;
  return {name, ledger, cost: undefined, isLive: false};
}

/** @throws TcptraceError where a file cannot be read, or holds what it should not (strict) */
export async function compareFiles(options: FilesOptions, stdin: Readable, say: Say): Promise<Report> {
  const ways: Way[] = [];
  for (const file of options.files) ways.push(await readWay(file, options, stdin, say));
  // both were tracing from the later of their beginnings to the earlier of their ends, as far as they show
  const spans = ways.map(({ledger}) => ledger.span);
  const window = {
    startUs: Math.max(...spans.map(({firstUs}) => firstUs)),
    endUs: Math.min(...spans.map(({lastUs}) => lastUs)),
  };
  const isEmpty = !Number.isFinite(window.startUs) || !Number.isFinite(window.endUs);
  return compareWays(ways, isEmpty ? {startUs: 0, endUs: 0} : window, {
    onlySockets: options.filter.pids.length > 0,
  });
}
