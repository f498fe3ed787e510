/** Simulates closes for which the kernel ran no program, by restoring deleted entries of the connection map. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import type {Actor} from '../helpers/actor.js';
import {findEntries, putEntries} from '../helpers/kernel-objects.js';
import type {Sock} from '../helpers/sock.js';
import {suite} from '../helpers/suite.js';
import {type TraceEvent, Tracer} from '../helpers/tracer.js';

const PAIRS = 20;
const ROUNDS = 100;

async function connectMany(actor: Actor, listener: Sock): Promise<Sock[]> {
  const socks: Sock[] = [];
  for (let made = 0; made < PAIRS; made++) {
    const client = await actor.socket(4);
    await client.connect('127.0.0.1', listener.port);
    socks.push(client, await listener.accept());
  }
  return socks;
}

async function leaveUnconnected(actor: Actor): Promise<Sock[]> {
  const socks: Sock[] = [];
  for (let made = 0; made < 2 * PAIRS; made++) socks.push(await actor.socket(4));
  return socks;
}

async function closeAll(socks: readonly Sock[]): Promise<void> {
  for (const sock of socks) await sock.close();
}

function countLost(events: readonly TraceEvent[]): number {
  return events.reduce((sum, {event, count}) => (event === 'lost' ? sum + Number(count) : sum), 0);
}

suite('a close for which the kernel ran no program', (stage) => {
  const reuses = {
    'that connect and accept': connectMany,
    'that never connect': leaveUnconnected,
  };
  for (const [kind, reuse] of Object.entries(reuses))
    it(`is reported as lost when the kernel reuses the socket's address for sockets ${kind}`, async () => {
      const {actor} = stage;
      // the kernel reuses freed sockets per CPU
      execFileSync('taskset', ['--cpu-list', '--pid', '0', String(actor.pid)], {stdio: 'ignore'});
      await using tracer = await Tracer.start(['--pid', String(actor.pid), '--fail-on-loss']);
      const listener = await actor.listen('127.0.0.1');
      const old = await connectMany(actor, listener);
      const entries = findEntries(tracer.pid, ({owner}) => owner.pid === actor.pid);
      assert.equal(entries.length, old.length);
      await closeAll(old);
      putEntries(tracer.pid, entries);
      const all = [...old];
      for (let round = 0; round < ROUNDS && countLost(tracer.events) < entries.length; round++) {
        await closeAll(await reuse(actor, listener));
        // the next event carries the number of lost events
        const last = await connectMany(actor, listener);
        await closeAll(last);
        all.push(...last);
        for (const sock of last) await tracer.waitForEvent(sock, 'close');
      }
      assert.equal(countLost(tracer.events), entries.length);
      const closed = tracer.events.filter(({event}) => event === 'close').map(({inode}) => inode);
      assert.equal(new Set(closed).size, closed.length);
      for (const {inode} of all) assert.ok(closed.includes(inode));
      const {code, stderr} = await tracer.stop();
      const count = String(entries.length);
      assert.equal(code, 4);
      assert.match(
        stderr,
        new RegExp(
          `^tcptrace: ${count} of the events lost are closes that this kernel does not show to tracers$`,
          'm',
        ),
      );
      assert.match(
        stderr,
        new RegExp(`^tcptrace: ${count} events were lost.*a larger buffer does not help`, 'm'),
      );
    });
});
