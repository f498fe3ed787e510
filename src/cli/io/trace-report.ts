/** Notices about the quality of a trace: fallback, losses, skipped runs, scans. */
import {formatMicroseconds} from '../../model/units/format.js';
import {ExitCode, TcptraceError} from '../../model/errors.js';
import type {EbpfTrace, ProcTrace, Trace} from '../../trace.js';
import type {TraceEvent} from '../../model/event.js';
import type {Say} from './notices.js';

/** Part of a notice that docs/reliability.md explains. */
const HIDDEN = 'this kernel does not show to tracers';

/** Warns, if `auto` fell back to /proc, of the events and fields that are missing. */
export function warnOfFallback(trace: Trace, intervalMs: number, say: Say): void {
  if (trace.source !== 'proc' || trace.why === undefined) return;
  const interval = formatMicroseconds(intervalMs * 1000);
  say(
    `no eBPF probe works here (${trace.why}), so /proc is scanned every ${interval}: ` +
      'connections shorter than that, failures, latency and bytes are not seen',
  );
}

function reportKernel({stats}: EbpfTrace, say: Say): void {
  const {mapFull, missed, unseen} = stats();
  if (unseen > 0) say(`${String(unseen)} of the events lost are closes that ${HIDDEN}`);
  if (mapFull > 0) {
    say(
      `${String(mapFull)} connections did not fit in the map and were not followed; raise --max-connections`,
    );
  }
  if (missed > 0) say(`the kernel skipped ${String(missed)} runs of the probes; some events may be missing`);
}

function adviseOnLoss(trace: Trace, lost: number): string {
  const {unseen, mapFull} = trace.source === 'proc' ? {unseen: 0, mapFull: 0} : trace.stats();
  if (unseen + mapFull < lost) return 'raise --buffer-size';
  return mapFull > 0
    ? 'raise --max-connections'
    : `a larger buffer does not help: they are closes that ${HIDDEN}`;
}

/**
 * Watches events for the first loss because the map of connections is full.
 *
 * @returns a function to call with each event
 */
export function createFullMapWarning(trace: Trace, say: Say): (event: TraceEvent) => void {
  let wasSaid = false;
  return ({event}) => {
    if (wasSaid || event !== 'lost' || trace.source === 'proc' || trace.stats().mapFull === 0) return;
    wasSaid = true;
    say('the map of connections is full: events lack their process; raise --max-connections');
  };
}

/** @throws TcptraceError (lost) if events were, or may have been, lost */
export function refuseLoss(trace: Trace, lost: number): void {
  if (lost > 0) {
    throw new TcptraceError(`${String(lost)} events were lost`, ExitCode.LOST, adviseOnLoss(trace, lost));
  }
  if (trace.source !== 'proc' && trace.stats().missed > 0) {
    throw new TcptraceError(
      'events may have been lost, because the kernel skipped runs of the probes',
      ExitCode.LOST,
    );
  }
}

function reportScans({stats}: ProcTrace, say: Say): void {
  const {scans, totalMs, longestMs} = stats();
  const average = (totalMs / scans).toFixed(1);
  say(
    `${String(scans)} scans of ${average} ms each, ${longestMs.toFixed(1)} ms at most; ` +
      'connections that lived only between two scans were not seen',
  );
}

/** Prints what the trace missed: lost events and skipped runs, or the scans of /proc. */
export function reportStats(trace: Trace, say: Say): void {
  if (trace.source === 'proc') reportScans(trace, say);
  else reportKernel(trace, say);
}
