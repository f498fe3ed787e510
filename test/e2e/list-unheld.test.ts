/** Lists the sockets that `ss -tan` shows in several network namespaces, held by a process or not. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import type {OpenSocket} from '#dist/model/socket.js';
import {list} from '#dist/sources/sockets.js';
import {Actor} from '../helpers/actor.js';
import {hasProgram} from '../helpers/machine.js';
import {Cable, Netns} from '../helpers/netns.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {normalizeEndpoint, spellSsState} from '../helpers/ss.js';
import {skip, suite} from '../helpers/suite.js';
import {until} from '../helpers/until.js';

/** Returns `STATE LOCAL [REMOTE]` of each socket that ss shows in a network namespace. */
function shownBySs(netns: Netns): string[] {
  const text = execFileSync('ip', ['netns', 'exec', netns.name, 'ss', '-tanH'], {encoding: 'utf8'});
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [state = '', , , local = '', remote = ''] = line.trim().split(/\s+/);
      const name = spellSsState(state);
      return [
        name,
        normalizeEndpoint(local),
        ...(name === 'listening' ? [] : [normalizeEndpoint(remote)]),
      ].join(' ');
    })
    .sort();
}

function format({state, family, laddr, lport, raddr, rport}: OpenSocket): string {
  const endpoint = (address: string, port: number): string =>
    family === 4 ? `${address}:${String(port)}` : `[${address}]:${String(port)}`;
  const remote = raddr === undefined || rport === undefined ? [] : [endpoint(raddr, rport)];
  return [state, endpoint(laddr, lport), ...remote].join(' ');
}

function listed(source: OpenSocket['source'], netns: Netns): string[] {
  const {inode} = netns;
  return list({source, filter: {netns: [inode]}})
    .sockets.map(format)
    .sort();
}

/** Makes sockets of all states that last: of two namespaces with a process, and of one without. */
async function populate(actor: Actor, server: Netns, client: Netns, cable: Cable): Promise<void> {
  await actor.do('netns', server.path);
  const listener = await actor.listen(cable.a.address);
  const any = await actor.socket(6);
  await any.bind('::');
  await actor.do('listen', any.fd, 8);
  await connectPair(actor, '::1');
  await connectPair(actor, '::', {to: '::ffff:127.0.0.1'});
  await closePair(await connectPair(actor, '127.0.0.1'));
  await actor.do('netns', client.path);
  // not accepted; an orphan in fin-wait-2, its peer in close-wait; one whose FIN is not acknowledged
  const [waiting, half, cut] = [await actor.socket(4), await actor.socket(4), await actor.socket(4)];
  for (const sock of [waiting, half, cut]) await sock.connect(cable.a.address, listener.port);
  await half.close();
  // the answer to its FIN has arrived
  await until(() => shownBySs(client).some((line) => line.startsWith('fin-wait-2')), 'fin-wait-2 in ss');
  cable.cut();
  await (await listener.accept()).shutdown('wr');
  await cut.close();
  // its SYN-ACK is lost
  const syn = await actor.socket(4, 'nonblock');
  await syn.tryConnect(cable.a.address, listener.port);
}

suite('list: sockets that ss shows', (stage) => {
  let server: Netns;
  let client: Netns;
  let cable: Cable;

  before(function () {
    if (!hasProgram('ss')) skip(this, 'ss is missing');
  });

  beforeEach(async () => {
    [server, client] = [new Netns(), new Netns()];
    cable = new Cable(server, client);
    await populate(stage.actor, server, client, cable);
  });

  afterEach(() => {
    server[Symbol.dispose]();
    client[Symbol.dispose]();
  });

  for (const source of ['ebpf', 'proc'] as const)
    it(`by ${source}: the same tuples and states`, async () => {
      await using inServer = await Actor.start();
      await inServer.do('netns', server.path);
      for (const [netns, states] of [
        [server, ['close-wait', 'established', 'fin-wait-1', 'listening', 'syn-recv', 'time-wait']],
        [client, ['established', 'fin-wait-2', 'syn-sent']],
      ] as const) {
        const isIn = (state: string): boolean => shownBySs(netns).some((line) => line.startsWith(state));
        await until(() => states.every(isIn), `${states.join(', ')} in ss`);
        assert.deepEqual(listed(source, netns), shownBySs(netns));
      }
    });

  it('a socket that no process holds has no pid', () => {
    const {sockets} = list({source: 'ebpf', filter: {netns: [server.inode]}});
    for (const {state, pid, comm, uid, inode} of sockets)
      if (state === 'time-wait' || state === 'syn-recv')
        assert.deepEqual([pid, comm, uid, inode], [undefined, undefined, undefined, undefined]);
  });

  it('a namespace that no process is in: by eBPF all, by /proc with a note', async () => {
    await stage.actor[Symbol.asyncDispose]();
    // others time out now that their listener is gone
    const lasting = (lines: string[]): string[] => lines.filter((line) => line.startsWith('time-wait'));
    const shown = lasting(shownBySs(server));
    assert.notDeepEqual(shown, []);
    assert.deepEqual(lasting(listed('ebpf', server)), shown);
    assert.match(
      list({source: 'proc'}).notes.join('\n'),
      /sockets that no process holds in .* that no process is in/,
    );
  });
});
