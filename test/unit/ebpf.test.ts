/** The eBPF source with a simulated tracer. */
import assert from 'node:assert/strict';
import {setImmediate} from 'node:timers/promises';
import type {Batch, NativeTracer, TracerStats} from '#dist/kernel/binding.js';
import type {TraceEvent} from '#dist/model/event.js';
import {createEbpfSource} from '#dist/sources/ebpf.js';
import {batch, record, TYPE} from './record.js';

/** Returns the given batches, then waits until it is stopped. */
class FakeTracer implements Omit<NativeTracer, 'countConnections' | 'follow' | 'followed' | 'refuseCgroup'> {
  readonly notes = [];
  readonly calls: string[] = [];
  lost = 0;
  readonly #batches: Batch[];
  #wake: ((next: Batch | null) => void) | undefined;

  constructor(...batches: Batch[]) {
    this.#batches = batches;
  }

  read(): Promise<Batch | null> {
    const next = this.#batches.shift();
    if (next !== undefined) return Promise.resolve(next);
    if (this.calls.includes('stop')) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  update(): void {
    this.calls.push('update');
  }

  /** Hands over a batch to the waiting reader. */
  give(next: Batch): void {
    this.#wake?.(next);
  }

  stop(): void {
    this.calls.push('stop');
    this.#wake?.(null);
  }

  close(): void {
    this.calls.push('close');
  }

  stats(): TracerStats {
    if (this.calls.includes('close')) throw new Error('the tracer is closed');
    return {lost: this.lost, unseen: 0, mapFull: 1, missed: 2};
  }
}

function accepts(...ports: number[]): Buffer {
  return Buffer.concat(ports.map((rport) => record({type: TYPE.accept, rport})));
}

/** Summarizes events: ports of connections, counts of lost events. */
function brief(events: readonly TraceEvent[]): unknown[] {
  return events.map((event) => (event.event === 'lost' ? {lost: event.count} : event.rport));
}

describe('eBPF source', () => {
  it('returns batches in order, each followed by its lost events', async () => {
    const tracer = new FakeTracer(
      batch(accepts(1, 2)),
      batch(accepts(3), {lost: 5}),
      batch(accepts(), {lost: 5}),
      batch(accepts(4), {lost: 7}),
    );
    tracer.lost = 10;
    const controller = new AbortController();
    const source = createEbpfSource(tracer, 'kprobe', controller.signal);
    const seen: unknown[] = [];
    for await (const events of source.events) {
      seen.push(brief(events));
      if (seen.length === 4) controller.abort();
    }
    assert.deepEqual(seen, [[1, 2], [3, {lost: 5}], [], [4, {lost: 2}], [{lost: 3}]]);
    assert.deepEqual(tracer.calls, ['stop', 'close']);
    assert.deepEqual(source.stats(), {lost: 10, unseen: 0, mapFull: 1, missed: 2});
  });

  it('sets source and time of lost events', async () => {
    const tracer = new FakeTracer(batch(accepts(), {lost: 1}));
    const before = new Date().toISOString();
    for await (const [event] of createEbpfSource(tracer, 'fentry', new AbortController().signal).events) {
      assert.ok(event?.event === 'lost');
      assert.equal(event.source, 'fentry');
      assert.match(event.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
      assert.ok(event.time >= before.slice(0, -1));
      break;
    }
  });

  it('frees the tracer when the loop is left early; stats stay available', async () => {
    const tracer = new FakeTracer(batch(accepts(1)), batch(accepts(2)));
    const source = createEbpfSource(tracer, 'fentry', new AbortController().signal);
    for await (const events of source.events) {
      assert.deepEqual(brief(events), [1]);
      break;
    }
    assert.deepEqual(tracer.calls, ['close']);
    assert.equal(source.stats().missed, 2);
  });

  it('frees the tracer when a batch has another layout', async () => {
    const tracer = new FakeTracer(batch(Buffer.alloc(1)));
    const {events} = createEbpfSource(tracer, 'fentry', new AbortController().signal);
    await assert.rejects(events.next(), /mixed build/);
    assert.deepEqual(tracer.calls, ['close']);
  });

  it('stops when the signal is aborted, even if nothing reads its events', () => {
    const tracer = new FakeTracer(batch(accepts(1)));
    const controller = new AbortController();
    createEbpfSource(tracer, 'fentry', controller.signal);
    assert.deepEqual(tracer.calls, []);
    controller.abort();
    assert.deepEqual(tracer.calls, ['stop']);
  });

  it('stops immediately if the signal is already aborted', async () => {
    const tracer = new FakeTracer(batch(accepts(1)));
    const {events} = createEbpfSource(tracer, 'fentry', AbortSignal.abort());
    const seen: unknown[] = [];
    for await (const list of events) seen.push(brief(list));
    assert.deepEqual(seen, [[1]]);
    assert.deepEqual(tracer.calls, ['stop', 'close']);
  });

  it('update() resolves when the loop has taken the events of its visit', async () => {
    const tracer = new FakeTracer(batch(accepts(1)));
    const controller = new AbortController();
    const source = createEbpfSource(tracer, 'fentry', controller.signal);
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const events of source.events) {
        await setImmediate();
        seen.push(brief(events));
      }
    })();
    const first = source.update().then(() => seen.push('first'));
    const second = source.update().then(() => seen.push('second'));
    for (const visits of [1, 1, 2]) {
      await setImmediate();
      await setImmediate();
      tracer.give(batch(accepts(visits + 1), {visits}));
    }
    await Promise.all([first, second]);
    assert.deepEqual(seen, [[1], [2], 'first', [2], [3], 'second']);
    const last = source.update();
    controller.abort();
    await Promise.all([reading, last]);
    await source.update();
    assert.deepEqual(tracer.calls, ['update', 'update', 'update', 'stop', 'close']);
  });

  it('with updates: a last visit before it stops', async () => {
    const tracer = new FakeTracer(batch(accepts(1)));
    const controller = new AbortController();
    const source = createEbpfSource(tracer, 'fentry', controller.signal, {hasUpdates: true});
    const seen: unknown[] = [];
    for await (const events of source.events) {
      seen.push(brief(events));
      if (seen.length > 1) continue;
      controller.abort();
      void setImmediate().then(() => {
        tracer.give(batch(accepts(2), {visits: 1}));
      });
    }
    assert.deepEqual(seen, [[1], [2]]);
    assert.deepEqual(tracer.calls, ['update', 'stop', 'close']);
  });
});
