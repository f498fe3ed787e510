/** Names the host of an event of a recording. */
import path from 'node:path';
import {memoize} from '../../model/basics/memo.js';

/** Returns the name of a recording without folder, rotation number and endings: `web` for `logs/web.ndjson.1.gz`. */
const nameOfFile = memoize((file: string) =>
  file === '-' ? 'stdin' : path.basename(file).replace(/(?:\.(?:ndjson|jsonl|json|gz|zst|\d+))+$/, ''),
);

/** @param recording path of the recording, whose name stands for the host if the event does not have one */
export function hostOf({host}: {readonly host?: string | undefined}, recording: string): string {
  return host ?? nameOfFile(recording);
}
