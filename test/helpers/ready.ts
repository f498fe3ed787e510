import type {Readable} from 'node:stream';
import {onLines} from './lines.js';

/**
 * Resolves when a tcptrace says that every probe is attached, or can say nothing any more.
 *
 * @param take is called with each line, also with those that come later
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
