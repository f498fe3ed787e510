/** Compares two recordings: `tcptrace compare A B`. */
import {createLedger} from '../../compare/ledger.js';
import {type ComparedSource, compareSources, type Report} from '../../compare/report.js';
import {createFilterCheck} from '../../compare/filter-check.js';
import {ExitCode, TcptraceError} from '../../model/errors.js';
import {parseTimeUs} from '../../model/units/time.js';
import {isAboutOwners, type SocketFilter} from '../../filter/filter.js';
import type {Say} from '../io/notices.js';
import {openRecordings, type WithStdin} from '../io/recordings.js';

export interface FilesOptions {
  /** `-` is stdin. */
  readonly files: readonly [string, string];
  readonly filter: SocketFilter;
  /** Fail at a broken line. */
  readonly strict: boolean;
}

async function readSource(
  file: string,
  {filter, strict}: FilesOptions,
  streams: WithStdin,
  say: Say,
): Promise<ComparedSource> {
  const ledger = createLedger();
  for await (const event of openRecordings(
    {files: [file], strict},
    streams,
    say,
    createFilterCheck(filter),
  )) {
    ledger.add(event, parseTimeUs(event.time));
    if (ledger.isFull()) {
      const hint = 'select fewer with --port, --pid or --raddr';
      throw new TcptraceError(`${file}: too many connections to compare`, ExitCode.FAILURE, hint);
    }
  }
  const name = `${file}${ledger.sources.size === 0 ? '' : ` (${[...ledger.sources].join(', ')})`}`;
  return {name, ledger, cost: undefined, isLive: false};
}

/** @throws TcptraceError if a file cannot be read or has a broken line (strict), or if the recordings do not overlap */
export async function compareFiles(options: FilesOptions, streams: WithStdin, say: Say): Promise<Report> {
  const sources: ComparedSource[] = [];
  for (const file of options.files) sources.push(await readSource(file, options, streams, say));
  // time that both recordings cover: from the later first event to the earlier last event
  const spans = sources.map(({ledger}) => ledger.span);
  const window = {
    startUs: Math.max(...spans.map(({firstUs}) => firstUs)),
    endUs: Math.min(...spans.map(({lastUs}) => lastUs)),
  };
  const isEmpty = !Number.isFinite(window.startUs) || !Number.isFinite(window.endUs);
  if (!isEmpty && window.endUs < window.startUs)
    throw new TcptraceError(
      `${options.files.join(' and ')} do not overlap: one ends before the other begins`,
      ExitCode.FAILURE,
      'compare recordings of the same time',
    );
  return compareSources(sources, isEmpty ? {startUs: 0, endUs: 0} : window, {
    onlySockets: isAboutOwners(options.filter),
  });
}
