/** Runs `tcptrace doctor`. */
import {ExitCode} from '../../model/errors.js';
import {createOutput} from '../../output/output.js';
import {formatDiagnosis, formatDiagnosisJson} from '../../format/reports/diagnosis.js';
import {diagnose} from '../../sources/diagnose.js';
import {resolveColorLevel} from '../../terminal/color.js';
import {createPaint} from '../../terminal/paint.js';
import {isEbpf} from '../../sources/choose.js';
import type {Streams} from '../io/streams.js';
import type {DoctorOptions} from './options.js';

/** @throws TcptraceError if the addon cannot be loaded or the output failed */
export async function examine(
  {color, json}: DoctorOptions,
  {stdout}: Pick<Streams, 'stdout'>,
): Promise<ExitCode> {
  const diagnosis = diagnose();
  const output = createOutput(stdout);
  const paint = createPaint(resolveColorLevel(color, process.env, stdout));
  output.add(json ? formatDiagnosisJson(diagnosis) : formatDiagnosis(diagnosis, paint));
  await output.end();
  return isEbpf(diagnosis.probe) ? ExitCode.DONE : ExitCode.UNSUPPORTED;
}
