import type {Readable} from 'node:stream';
import {StringDecoder} from 'node:string_decoder';

/** Calls `take` with each line of a stream. The returned function returns the incomplete last line. */
export function onLines(stream: Readable, take: (line: string) => void): () => string {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
  return () => rest;
}
