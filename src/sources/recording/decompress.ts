/** Decompresses a stream; its first bytes identify the compression. */
import {pipeline, Readable, type Transform} from 'node:stream';
import * as zlib from 'node:zlib';
import {ExitCode, TcptraceError} from '../../model/errors.js';

interface Compression {
  readonly name: string;
  /** First bytes of the file. */
  readonly magic: Buffer;
  /** Program that decompresses to stdout. */
  readonly program: string;
  /** Undefined if this version of Node.js cannot. */
  readonly create?: (() => Transform) | undefined;
}

/** Node.js has it since 22.15. */
const {createZstdDecompress} = zlib as {readonly createZstdDecompress?: () => Transform};

const COMPRESSIONS: readonly Compression[] = [
  {name: 'gzip', magic: Buffer.from([0x1f, 0x8b]), program: 'zcat', create: () => zlib.createGunzip()},
  {
    name: 'zstd',
    magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
    program: 'zstdcat',
    create: createZstdDecompress,
  },
  {name: 'xz', magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), program: 'xzcat'},
  {name: 'bzip2', magic: Buffer.from('BZh'), program: 'bzcat'},
];

const MAGIC_LENGTH = Math.max(...COMPRESSIONS.map(({magic}) => magic.length));

/** Reads the first bytes; the iterator then continues after them. */
async function readStart(chunks: AsyncIterator<Buffer, unknown>): Promise<Buffer> {
  let start = Buffer.alloc(0);
  while (start.length < MAGIC_LENGTH) {
    const next = await chunks.next();
    if (next.done === true) break;
    start = Buffer.concat([start, next.value]);
  }
  return start;
}

async function* continueWith(start: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (start.length > 0) yield start;
  yield* rest;
}

/**
 * Passes uncompressed data through, and decompresses gzip and zstd, including several concatenated files.
 *
 * @throws TcptraceError if the compression is known and Node.js cannot read it; the error of zlib if the data is damaged
 */
export async function* decompress(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const chunks = input[Symbol.asyncIterator]();
  const rest: AsyncIterableIterator<Buffer> = {
    next: async () => chunks.next(),
    return: async () => (await chunks.return?.()) ?? {done: true, value: undefined},
    [Symbol.asyncIterator]: () => rest,
  };
  try {
    const start = await readStart(chunks);
    const found = COMPRESSIONS.find(({magic}) => start.subarray(0, magic.length).equals(magic));
    const all = continueWith(start, rest);
    if (found === undefined) yield* all;
    else if (found.create)
      yield* pipeline(Readable.from(all), found.create(), () => undefined) as AsyncIterable<Buffer>;
    else throw notSupported(found);
  } finally {
    await chunks.return?.();
  }
}

function notSupported({name, program}: Compression): TcptraceError {
  const message = `compressed with ${name}, which Node.js ${process.versions.node} cannot read`;
  return new TcptraceError(message, ExitCode.FAILURE, `pipe it: ${program} FILE | tcptrace replay -`);
}
