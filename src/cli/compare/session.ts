/** Runs `tcptrace compare`. */
import {ExitCode} from '../../model/errors.js';
import {reportComparison} from '../../format/reports/comparison.js';
import {compareFiles} from './files.js';
import {compareLive} from './live.js';
import {createNotices} from '../io/notices.js';
import {openOutput, printReport} from '../io/printer.js';
import {refuseOwnRecording} from '../io/refuse-self-overwrite.js';
import type {WithStdin} from '../io/recordings.js';
import type {Streams} from '../io/streams.js';
import type {CompareOptions} from './options.js';

/** @throws TcptraceError if a source is not available, or a recording cannot be read */
export async function compare(
  {what, misses, quiet, ...options}: CompareOptions,
  streams: Streams & WithStdin,
): Promise<ExitCode> {
  const {stdout, stderr} = streams;
  if ('files' in what) refuseOwnRecording(what.files, options.output);
  const output = await openOutput(options, streams, createNotices(stderr, false));
  const say = createNotices(stderr, quiet);
  const report = 'files' in what ? await compareFiles(what, streams, say) : await compareLive(what, say);
  await printReport(reportComparison(report, misses), options, output, stdout);
  return ExitCode.DONE;
}
