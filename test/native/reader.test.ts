/** The reader thread, at its worst moments. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {run} from '../cli/run.js';
import {hasProgram, ROOT} from '../helpers/machine.js';
import {skip} from '../helpers/suite.js';
import {TRACER_OPTIONS} from '../helpers/tracer-options.js';

const ADDON = createRequire(import.meta.url).resolve('#addon');

const PRELUDE = `
  const addon = require(${JSON.stringify(ADDON)});
  const options = {...${JSON.stringify(TRACER_OPTIONS)}, pids: [process.pid]};`;

/** With the reader held after it found nothing: a connection, and the end of the trace. */
const STOPPED_AMID_ROUND = `
  const {existsSync, rmSync} = require('node:fs');
  const {connect, createServer} = require('node:net');
  const {once} = require('node:events');
  const {setTimeout} = require('node:timers/promises');
  (async () => {
    const tracer = new addon.Tracer(options);
    const first = tracer.read();
    while (!existsSync(process.env.HELD)) await setTimeout(1);
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await once(connect(server.address().port, '127.0.0.1').resume(), 'close');
    server.close();
    await once(server, 'close');
    tracer.stop();
    rmSync(process.env.HELD);
    let records = 0;
    for (let batch = await first; batch !== null; batch = await tracer.read())
      records += batch.records.length / addon.eventSize;
    console.log(records, tracer.stats().lost);
    tracer.close();
  })();`;

describe('reader thread', function () {
  this.timeout(60_000);

  it('delayed while the trace stops: what came after its last look is read', function () {
    if (!hasProgram('cc')) skip(this, 'no cc(1)');
    const directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    try {
      const held = path.join(directory, 'held-reader.so');
      const source = path.join(ROOT, 'test/native/held-reader.c');
      const flags = ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror'];
      const unwatched = {...process.env, LD_PRELOAD: undefined};
      execFileSync('cc', [...flags, '-o', held, source, '-ldl'], {env: unwatched});
      const LD_PRELOAD = [process.env.LD_PRELOAD ?? '', held].join(' ').trim();
      const env = {LD_PRELOAD, HELD: path.join(directory, 'held')};
      const {stdout, stderr} = run(process.execPath, ['-e', PRELUDE + STOPPED_AMID_ROUND], {env});
      assert.deepEqual([stdout, stderr], ['4 0\n', '']);
    } finally {
      rmSync(directory, {recursive: true});
    }
  });
});
