/** A name server for reverse look-ups, in a process of its own: `node dns-server.js NAME`, on 127.0.0.1:53. */
import {createSocket} from 'node:dgram';

const [, , name = 'nobody.example'] = process.argv;
const HEADER = 12;

function encode(text: string): Buffer {
  const labels = text
    .split('.')
    .map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label, 'latin1')]));
  return Buffer.concat([...labels, Buffer.of(0)]);
}

/** RFC 1035: the question again, and one PTR record for it. */
function answer(query: Buffer): Buffer {
  const question = query.subarray(HEADER, query.indexOf(0, HEADER) + 5);
  const data = encode(name);
  const header = Buffer.from(query.subarray(0, HEADER));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(1, 6);
  header.writeUInt32BE(0, 8);
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc00c, 0); // the name of the question
  record.writeUInt16BE(12, 2); // PTR
  record.writeUInt16BE(1, 4); // IN
  record.writeUInt32BE(60, 6);
  record.writeUInt16BE(data.length, 10);
  return Buffer.concat([header, question, record, data]);
}

const socket = createSocket('udp4');
socket.on('message', (query, {port, address}) => {
  socket.send(answer(query), port, address);
});
socket.bind(53, '127.0.0.1', () => {
  console.log('ready');
});
