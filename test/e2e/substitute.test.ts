/** Kernels without security_sock_graft (CONFIG_SECURITY_NETWORK): what stands in for it. */
import assert from 'node:assert/strict';
import {loadAddon, type Batch} from '#dist/kernel/binding.js';
import {createDecoder} from '#dist/kernel/decode.js';
import {EventType} from '#dist/kernel/layout.js';
import {accepted, assertEvents, closed} from '../helpers/expect.js';
import {PROBE} from '../helpers/machine.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';
import type {TraceEvent} from '../helpers/tracer.js';
import {formatNdjson} from '#dist/sinks/ndjson.js';
import {TRACER_OPTIONS} from '../helpers/tracer-options.js';

suite('a kernel that lacks security_sock_graft', (stage) => {
  it('accept is seen all the same', async () => {
    const {Tracer} = loadAddon();
    const tracer = new Tracer({
      ...TRACER_OPTIONS,
      probe: PROBE,
      events: (1 << EventType.ACCEPT) | (1 << EventType.CLOSE),
      pids: [stage.actor.pid],
      lacking: ['security_sock_graft'],
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
    const note = 'security_sock_graft: this kernel has no such function; system calls stand in';
    assert.deepEqual(notes, PROBE === 'tracepoint' ? [] : [note]);
    tracer.close();
  });
});
