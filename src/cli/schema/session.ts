/** `tcptrace schema`: prints the JSON Schema of events. */
import {formatJson} from '../../format/json.js';
import {ExitCode} from '../../model/errors.js';
import {createEventSchema} from '../../model/schema/json-schema.js';
import {createOutput} from '../../output/output.js';
import type {Streams} from '../io/streams.js';

/** @throws TcptraceError if the output fails */
export async function printSchema({stdout}: Pick<Streams, 'stdout'>): Promise<ExitCode> {
  const output = createOutput(stdout);
  output.add(`${formatJson(createEventSchema(), 2)}\n`);
  await output.end();
  return ExitCode.DONE;
}
