/**
 * Name server for reverse lookups on 127.0.0.1:53; usage: `node dns-server.js NAME [tcp]`. With `tcp`, it answers UDP
 * queries with a truncated message, so that the client repeats them over TCP.
 */
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {createServer} from 'node:net';

const [, , name = 'nobody.example', transport = 'udp'] = process.argv;
const HEADER = 12;

function encode(text: string): Buffer {
  const labels = text
    .split('.')
    .map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label, 'latin1')]));
  return Buffer.concat([...labels, Buffer.of(0)]);
}

/** Builds a response with the question and one PTR record (RFC 1035). */
function answer(query: Buffer): Buffer {
  const question = query.subarray(HEADER, query.indexOf(0, HEADER) + 5);
  const data = encode(name);
  const header = Buffer.from(query.subarray(0, HEADER));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(1, 6);
  header.writeUInt32BE(0, 8);
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc00c, 0); // pointer to the name in the question
  record.writeUInt16BE(12, 2); // PTR
  record.writeUInt16BE(1, 4); // IN
  record.writeUInt32BE(60, 6);
  record.writeUInt16BE(data.length, 10);
  return Buffer.concat([header, question, record, data]);
}

/** Builds a response with the question only and the TC bit set. */
function truncated(query: Buffer): Buffer {
  const header = Buffer.from(query.subarray(0, HEADER));
  header.writeUInt16BE(0x8380, 2);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, query.subarray(HEADER, query.indexOf(0, HEADER) + 5)]);
}

const server = createServer((connection) => {
  connection.on('data', (bytes) => {
    const text = answer(bytes.subarray(2));
    const length = Buffer.alloc(2);
    length.writeUInt16BE(text.length);
    connection.write(Buffer.concat([length, text]));
  });
}).listen(53, '127.0.0.1');
await once(server, 'listening');

const socket = createSocket('udp4');
socket.on('message', (query, {port, address}) => {
  socket.send(transport === 'tcp' ? truncated(query) : answer(query), port, address);
});
socket.bind(53, '127.0.0.1', () => {
  console.log('ready');
});
