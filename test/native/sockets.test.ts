/** Tests how the addon lists sockets (by a BPF iterator) and socket descriptors (by /proc). */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer, type Server} from 'node:net';
import {constants, tmpdir} from 'node:os';
import path from 'node:path';
import {loadAddon} from '#dist/kernel/addon.js';
import {decodeSockets} from '#dist/kernel/decode-sockets.js';
import type {OpenSocket} from '#dist/model/socket.js';
import {readDescriptors} from '#dist/procfs/descriptors.js';
import {IS_ROOT} from '../cli/run.js';
import {skip} from '../helpers/suite.js';

const addon = loadAddon();
const BTF = '/sys/kernel/btf/vmlinux';

describe('listing of sockets by the addon', () => {
  let directory: string;
  let file: string;
  let server: Server;

  before(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'types-'));
    file = path.join(directory, 'btf');
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  after(() => {
    server.close();
    rmSync(directory, {recursive: true});
  });

  const own = (btfPath?: string): OpenSocket[] =>
    decodeSockets(addon.sockets(btfPath).records).filter(({pid}) => pid === process.pid);

  it('gives the same result with BTF from a file and from sysfs, and leaks no descriptor', function () {
    if (!IS_ROOT) skip(this, 'only root can load BPF iterators');
    writeFileSync(file, readFileSync(BTF));
    const listed = own();
    assert.equal(listed.length, 1);
    const before = readdirSync('/proc/self/fd').length;
    for (let i = 0; i < 5; i++) assert.deepEqual(own(file), listed);
    assert.equal(readdirSync('/proc/self/fd').length, before);
  });

  it('rejects truncated BTF', () => {
    const types = readFileSync(BTF);
    for (const size of [0, 1, 23, 24, 4096, types.length >> 1, types.length - 1]) {
      writeFileSync(file, types.subarray(0, size));
      assert.throws(() => addon.sockets(file), {code: 'ERR_TCPTRACE_LOAD', errno: constants.errno.EINVAL});
    }
  });

  it('rejects BTF with a type of unknown kind', () => {
    const types = readFileSync(BTF);
    const firstInfo = 24 + 4;
    types.writeUInt32LE(31 << 24, firstInfo);
    writeFileSync(file, types);
    assert.throws(() => addon.sockets(file), {code: 'ERR_TCPTRACE_LOAD', errno: constants.errno.EINVAL});
  });

  it('socketDescriptors() returns the same as reading each link', () => {
    const fds = '/proc/self/fd';
    const sorted = (pairs: ArrayLike<number> | undefined): number[] =>
      Array.from(pairs ?? []).sort((a, b) => a - b);
    assert.ok(readDescriptors(fds).length > 0);
    assert.deepEqual(sorted(addon.socketDescriptors(fds)), sorted(readDescriptors(fds)));
    assert.equal(addon.socketDescriptors('/proc/0/fd'), undefined);
    assert.throws(() => addon.socketDescriptors(1 as unknown as string), TypeError);
  });
});
