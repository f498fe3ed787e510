/** Connections closed by a timeout or by force. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {assertEvents, closed, connected, eventsOf} from '../helpers/expect.js';
import {hasProgram} from '../helpers/machine.js';
import {Cable, Netns} from '../helpers/netns.js';
import type {Sock} from '../helpers/sock.js';
import {skip, tracedSuite} from '../helpers/suite.js';

tracedSuite('close without the peer', (stage) => {
  /** Runs `use` with a connection over a veth pair that drops packets. */
  async function cutOff(use: (client: Sock, cable: Cable, netns: Netns) => Promise<void>): Promise<void> {
    using netns = new Netns();
    using peer = new Netns();
    const cable = new Cable(netns, peer);
    await stage.actor.do('netns', peer.path);
    const listener = await stage.actor.listen(cable.b.address);
    await stage.actor.do('netns', netns.path);
    const client = await stage.actor.socket(4);
    await client.connect(cable.b.address, listener.port);
    const server = await listener.accept();
    await use(client, cable, netns);
    await server.close();
  }

  it('TCP_USER_TIMEOUT', async () =>
    cutOff(async (client, cable) => {
      await client.set('user_timeout', 300);
      cable.cut();
      await client.send(1000);
      await client.poll('hup');
      await client.close();
      assert(client.retrans > 0, 'it was sent again');
      assertEvents(await stage.tracer.settled(), client, connected(client), closed(client, 'timeout'));
    }));

  it('keepalive', async () =>
    cutOff(async (client, cable) => {
      for (const [option, value] of [
        ['keepidle', 1],
        ['keepintvl', 1],
        ['keepcnt', 1],
        ['keepalive', 1],
      ] as const) {
        await client.set(option, value);
      }
      cable.cut();
      await client.poll('hup');
      await client.close();
      assertEvents(await stage.tracer.settled(), client, connected(client), closed(client, 'timeout'));
    }));

  it('closed while data is in flight: ended_by local', async () =>
    cutOff(async (client, cable) => {
      await client.set('user_timeout', 300);
      cable.cut();
      await client.send(1000);
      await client.close();
      assertEvents(await stage.tracer.settled(), client, connected(client), closed(client, 'local'));
    }));

  it('ss -K', async function () {
    if (!hasProgram('ss')) skip(this, 'no ss');
    await cutOff(async (client, _cable, netns) => {
      await client.send(1000);
      const out = execFileSync(
        'ss',
        ['-K', '-t', '-H', `--net=${netns.name}`, 'sport', '=', `:${String(client.port)}`],
        {encoding: 'utf8'},
      );
      assert.match(out, /ESTAB/, 'ss has killed it');
      await client.poll('hup');
      assert.deepEqual(eventsOf(await stage.tracer.settled(), client).length, 1);
      await client.close();
      assertEvents(await stage.tracer.settled(), client, connected(client), closed(client, 'local-reset'));
    });
  });
});
