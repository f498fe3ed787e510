/** Runs `tcptrace doctor`. */
import {reportDiagnosis} from '../../format/reports/diagnosis.js';
import {ExitCode} from '../../model/errors.js';
import {isEbpf} from '../../sources/choose.js';
import {diagnose} from '../../sources/diagnose.js';
import {createNotices} from '../io/notices.js';
import {openOutput, type PrintOptions, printReport} from '../io/printer.js';
import type {Streams} from '../io/streams.js';

/** @throws TcptraceError if the addon cannot be loaded or the output failed */
export async function examine(options: PrintOptions, streams: Streams): Promise<ExitCode> {
  const output = await openOutput(options, streams, createNotices(streams.stderr, false));
  const diagnosis = diagnose();
  await printReport(reportDiagnosis(diagnosis), options, output, streams.stdout);
  return isEbpf(diagnosis.probe) ? ExitCode.DONE : ExitCode.UNSUPPORTED;
}
