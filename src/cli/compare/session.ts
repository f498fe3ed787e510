/** Runs `tcptrace compare`. */
import {ExitCode} from '../../model/errors.js';
import {formatComparison, formatComparisonJson} from '../../format/reports/comparison.js';
import {createOutput} from '../../output/output.js';
import {resolveColorLevel} from '../../terminal/color.js';
import {createPaint} from '../../terminal/paint.js';
import {compareFiles} from './files.js';
import {compareLive} from './live.js';
import {createNotices} from '../io/notices.js';
import type {WithStdin} from '../io/recordings.js';
import type {Streams} from '../io/streams.js';
import type {CompareOptions} from './options.js';

/** @throws TcptraceError if a source is not available, or a recording cannot be read */
export async function compare(
  {what, json, misses, color, quiet}: CompareOptions,
  streams: Streams & WithStdin,
): Promise<ExitCode> {
  const {stdout, stderr} = streams;
  const say = createNotices(stderr, quiet);
  const report = 'files' in what ? await compareFiles(what, streams, say) : await compareLive(what, say);
  const output = createOutput(stdout);
  const paint = createPaint(resolveColorLevel(color, process.env, stdout));
  output.add(json ? formatComparisonJson(report, misses) : formatComparison(report, misses, paint));
  await output.end();
  return ExitCode.DONE;
}
