/** A client of the Container Runtime Interface, as the kubelet is one: gRPC over HTTP/2 on a UNIX socket. */
import {buffer} from 'node:stream/consumers';
import {once} from 'node:events';
import {type ClientHttp2Session, connect, type IncomingHttpHeaders} from 'node:http2';
import net from 'node:net';

/** A field of a protocol buffer, by its number in k8s.io/cri-api/pkg/apis/runtime/v1/api.proto. */
type Field = readonly [number: number, value: number | string | readonly Field[]];

/** A message; a repeated field occurs several times. */
export type Message = readonly Field[];

/** Wire types of protocol buffers. */
const VARINT = 0;
const BYTES = 2;

/** gRPC precedes a message by a flag and its length. */
const PREFIX_BYTES = 5;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

function encodeField([number, value]: Field): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint((number << 3) | VARINT), varint(value)]);
  const bytes = typeof value === 'string' ? Buffer.from(value) : encode(value);
  return Buffer.concat([varint((number << 3) | BYTES), varint(bytes.length), bytes]);
}

function encode(message: Message): Buffer {
  return Buffer.concat(message.map(encodeField));
}

/** Adds the prefix of gRPC. */
function frame(message: Message): Buffer {
  const body = encode(message);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}

/** Reads the first field of an answer: an id, which is a text of at most 127 bytes. */
function firstText(answer: Buffer): string {
  const length = answer[PREFIX_BYTES + 1] ?? 0;
  return answer.subarray(PREFIX_BYTES + 2, PREFIX_BYTES + 2 + length).toString();
}

export class Cri implements AsyncDisposable {
  readonly #session: ClientHttp2Session;

  constructor(socketPath: string) {
    this.#session = connect('http://localhost', {createConnection: () => net.connect(socketPath)});
  }

  /**
   * Calls a method of RuntimeService.
   *
   * @returns the first field of the answer
   * @throws Error with the runtime's message
   */
  async call(method: string, message: Message): Promise<string> {
    const request = this.#session.request({
      ':method': 'POST',
      ':path': `/runtime.v1.RuntimeService/${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let status: IncomingHttpHeaders = {};
    const take = (headers: IncomingHttpHeaders): void => {
      if ('grpc-status' in headers) status = headers;
    };
    request.on('response', take).on('trailers', take);
    request.end(frame(message));
    const answer = await buffer(request);
    if (status['grpc-status'] !== '0') throw new Error(`${method}: ${String(status['grpc-message'])}`);
    return firstText(answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#session, 'close');
    this.#session.close();
    await closed;
  }
}
