import type {Readable} from 'node:stream';
import {onLines} from './lines.js';

/**
 * Resolves when tcptrace reports that every probe is attached, or closes stderr.
 *
 * @param take called with each line, including those after the promise resolved
 */
export async function untilReady(
  stderr: Readable,
  take: (line: string) => void = () => undefined,
): Promise<void> {
  await new Promise<void>((resolve) => {
    onLines(stderr, (line) => {
      take(line);
      if (line.endsWith('(ready)')) resolve();
    });
    stderr.once('close', resolve);
  });
}
