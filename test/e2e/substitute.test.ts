/** Simulated kernels without security_sock_graft (CONFIG_SECURITY_NETWORK) or IPv6. */
import assert from 'node:assert/strict';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {list} from 'tcptrace';
import {loadAddon} from '#dist/kernel/addon.js';
import type {Batch} from '#dist/kernel/binding.js';
import {createDecoder} from '#dist/kernel/decode.js';
import {accepted, assertEvents, assertPair, closed} from '../helpers/expect.js';
import {PROBE} from '../helpers/machine.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';
import {Tracer, type TraceEvent} from '../helpers/tracer.js';
import {formatNdjson} from '#dist/format/ndjson.js';
import {filterOf, TRACER_OPTIONS} from '../helpers/tracer-options.js';

suite('a kernel without security_sock_graft', (stage) => {
  it('reports accept', async () => {
    const {Tracer} = loadAddon();
    const tracer = new Tracer({
      ...TRACER_OPTIONS,
      probe: PROBE,
      filter: filterOf({pids: [stage.actor.pid], events: ['accept', 'close']}),
      absentFunctions: ['security_sock_graft'],
    });
    const {client, server} = await connectPair(stage.actor, '127.0.0.1');
    await closePair({client, server});
    tracer.stop();
    const decode = createDecoder(PROBE);
    const events: TraceEvent[] = [];
    let batch: Batch | null;
    while ((batch = await tracer.read()))
      events.push(...decode(batch).map((event) => JSON.parse(formatNdjson(event)) as TraceEvent));
    assertEvents(events, server, accepted(server), closed(server, 'remote'));
    const notes = tracer.notes.filter((note) => note.includes('graft'));
    const note = 'security_sock_graft: this kernel has no such function; using system calls instead';
    assert.deepEqual(notes, PROBE === 'tracepoint' ? [] : [note]);
    tracer.close();
  });
});

suite('a kernel without IPv6 (CONFIG_IPV6)', (stage) => {
  let directory: string;
  let btf: string;
  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    btf = path.join(directory, 'btf');
    // rename what such a kernel lacks
    const types = readFileSync('/sys/kernel/btf/vmlinux', 'latin1');
    const renamed = types.replaceAll(/skc_v6_daddr|skc_v6_rcv_saddr|tcp_v6_connect/g, (name) =>
      name.replace('v6', 'xx'),
    );
    assert.notEqual(renamed, types);
    writeFileSync(btf, renamed, 'latin1');
  });
  after(() => {
    rmSync(directory, {recursive: true});
  });

  it('traces IPv4', async () => {
    await using tracer = await Tracer.start(['--btf', btf]);
    const pair = await connectPair(stage.actor, '127.0.0.1');
    await closePair(pair);
    assertPair(await tracer.settled(), pair);
  });

  it('lists IPv4', async () => {
    const {client, server} = await connectPair(stage.actor, '127.0.0.1');
    const {sockets} = list({
      source: 'ebpf',
      btfPath: btf,
      filter: {pids: [stage.actor.pid]},
      wants: ({state}) => state === 'established',
    });
    assert.deepEqual(
      sockets.map(({inode, lport}) => [inode, lport]).sort(),
      [client, server].map(({inode, port}) => [inode, port]).sort(),
    );
  });
});
