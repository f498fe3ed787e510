/** Compares each number of `list` with what ss(8) shows of the same sockets, about 1,000 in every state that lasts. */
import assert from 'node:assert/strict';
import type {OpenSocket} from '#dist/model/socket.js';
import {list} from '#dist/sources/sockets.js';
import {Actor} from '../helpers/actor.js';
import {hasProgram} from '../helpers/machine.js';
import {Cable, Netns} from '../helpers/netns.js';
import type {Sock} from '../helpers/sock.js';
import {readSs, type SsSocket} from '../helpers/ss.js';
import {skip, suite} from '../helpers/suite.js';
import {until} from '../helpers/until.js';

const PAIRS = 520;

/** Makes one connection of the state that `index` selects. */
async function makePair(client: Sock, server: Sock, index: number): Promise<void> {
  const bytes = 1 + 37 * index;
  await client.send(bytes);
  // unread data
  if (index % 6 === 1) return;
  await server.receive(bytes);
  await server.send(index);
  await client.receive(index);
  // an acknowledgment that carries no data
  if (index % 6 === 2) await client.shutdown('wr');
  if (index % 6 === 3) await client.set('keepalive', 1);
  if (index % 6 === 4) await client.actor.do('dup', client.fd);
  if (index % 12 === 5) {
    await client.close();
    await server.drain();
    await server.close();
  }
}

class World implements AsyncDisposable {
  readonly near = new Netns();
  readonly far = new Netns();
  readonly #actors: Actor[] = [];

  async [Symbol.asyncDispose](): Promise<void> {
    for (const actor of this.#actors) await actor[Symbol.asyncDispose]();
    this.near[Symbol.dispose]();
    this.far[Symbol.dispose]();
  }

  async populate(): Promise<void> {
    const cable = new Cable(this.near, this.far);
    const [server, client] = [await this.#start(this.near), await this.#start(this.far)];
    const listeners = [
      [await server.listen(cable.a.address), cable.a.address],
      [await server.listen('::'), cable.a.address6],
      [await server.listen('::'), `::ffff:${cable.a.address}`],
    ] as const;
    const connect = async (index: number): Promise<readonly [Sock, Sock]> => {
      const [listener, address] = listeners[index % 3] ?? listeners[0];
      const sock = await client.socket(address.includes(':') ? 6 : 4);
      await sock.connect(address, listener.port);
      return [sock, await listener.accept()];
    };
    for (let index = 0; index < PAIRS; index++) await makePair(...(await connect(index)), index);
    // the window is full; of the second, a FIN waits behind the data
    const slow = await server.listen(cable.a.address);
    await slow.set('rcvbuf', 4096);
    for (const isClosing of [false, true]) {
      const sender = await client.socket(4);
      await sender.connect(cable.a.address, slow.port);
      await slow.accept();
      await client.background('send', sender.fd, 1 << 24);
      const isProbing = ({local, timer}: SsSocket): boolean =>
        local.endsWith(`:${String(sender.port)}`) && timer?.name === 'persist';
      await until(() => readSs(this.far).some(isProbing), 'probes of a full window');
      if (isClosing) await sender.shutdown('wr');
    }
    // a backlog with connections that are not accepted
    const busy = await server.listen(cable.a.address, {backlog: 7});
    for (let i = 0; i < 3; i++) await (await client.socket(4)).connect(cable.a.address, busy.port);
    await this.#cut(cable, await connect(0), await connect(1), busy, client);
  }

  /** Loses all packets of the servers: data and a FIN that are not acknowledged, and a SYN that is not answered. */
  async #cut(
    cable: Cable,
    [, sender]: readonly [Sock, Sock],
    [, closer]: readonly [Sock, Sock],
    listener: Sock,
    client: Actor,
  ): Promise<void> {
    cable.cut();
    await sender.send(5000);
    await closer.shutdown('wr');
    const syn = await client.socket(4, 'nonblock');
    await syn.tryConnect(cable.a.address, listener.port);
    const retransmits = (): boolean =>
      readSs(this.near).some(({state, figure}) => state === 'established' && figure('retrans') !== undefined);
    await until(retransmits, 'retransmissions');
  }

  async #start(netns: Netns): Promise<Actor> {
    const actor = await Actor.start();
    this.#actors.push(actor);
    await actor.do('netns', netns.path);
    return actor;
  }
}

function us(ms: string | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(Number(ms) * 1000);
}

/** Returns the fields that `list` must show for a socket of ss. */
function numbersOf(ss: SsSocket): Partial<OpenSocket> {
  // a rate ends with its unit
  const number = (name: string): number => Number.parseFloat(ss.figure(name) ?? '0');
  const timer = {
    timer: ss.timer?.name as OpenSocket['timer'],
    timer_retrans: ss.timer?.retrans,
  };
  if (ss.state === 'listening') return {backlog: ss.recvQ, backlog_max: ss.sendQ};
  // no full socket
  if (ss.figure('cwnd') === undefined) return timer;
  const [rtt, rttvar] = ss.figure('rtt')?.split('/') ?? [];
  // a FIN that the window holds back is not sent, and is no payload
  const isFinWaiting = ss.state === 'fin-wait-1' && number('notsent') > 0;
  const isFinReceived = ['close-wait', 'last-ack', 'closing'].includes(ss.state);
  return {
    // handed to TCP: sent once, and not yet sent
    tx_bytes: number('bytes_sent') - number('bytes_retrans') + number('notsent') - Number(isFinWaiting),
    // ss counts the FIN
    rx_bytes: number('bytes_received') - Number(isFinReceived),
    rtt_us: us(rtt),
    retrans: Number(ss.figure('retrans')?.split('/')[1] ?? 0),
    rttvar_us: us(rttvar),
    min_rtt_us: us(ss.figure('minrtt')),
    cwnd: number('cwnd'),
    delivery_rate_bps: number('delivery_rate') || undefined,
    unacked: number('unacked'),
    tx_queue_bytes: ss.sendQ,
    rx_queue_bytes: ss.recvQ,
    reordered: number('reord_seen'),
    ...timer,
  };
}

/** Fields that /proc/net/tcp has, too. */
const OF_PROC = ['cwnd', 'tx_queue_bytes', 'rx_queue_bytes', 'timer', 'timer_retrans', 'backlog'];

function pick(socket: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(socket).filter(([name, value]) => value !== undefined && names.includes(name)),
  );
}

const NUMBERS = [
  ...['tx_bytes', 'rx_bytes', 'rtt_us', 'retrans', 'rttvar_us', 'min_rtt_us', 'delivery_rate_bps', 'unacked'],
  ...['reordered', 'backlog_max', ...OF_PROC],
];

function keyOf({state, local, remote}: Pick<SsSocket, 'state' | 'local' | 'remote'>): string {
  return [state, local, remote].join(' ');
}

function keyOfListed({state, family, laddr, lport, raddr, rport}: OpenSocket): string {
  const endpoint = (address: string, port: number): string =>
    family === 4 ? `${address}:${String(port)}` : `[${address}]:${String(port)}`;
  const any = family === 4 ? '0.0.0.0:*' : '[::]:*';
  return [
    state,
    endpoint(laddr, lport),
    raddr === undefined || rport === undefined ? any : endpoint(raddr, rport),
  ].join(' ');
}

function assertTimer(ms: number | undefined, before: SsSocket, after: SsSocket, precisionMs: number): void {
  if (before.timer === undefined || after.timer === undefined) return;
  const [[, high], [low]] = [before.timer.ms, after.timer.ms];
  // restarted meanwhile
  if (low > high) return;
  assert.ok(
    ms !== undefined && ms <= high + precisionMs && ms >= low - precisionMs,
    `timer_ms ${String(ms)} is not from ${String(low)} to ${String(high)}`,
  );
}

/** Compares a socket that did not change between two runs of ss with its listing in between. */
function compare(listed: OpenSocket | undefined, before: SsSocket, after: SsSocket): void {
  assert.ok(listed, `not listed: ${before.stable}`);
  const isProc = listed.source === 'proc';
  // /proc counts timeouts of a request, ss retransmissions of its SYN-ACK
  const names = (isProc ? OF_PROC : NUMBERS).filter(
    (name) => !isProc || before.state !== 'syn-recv' || name !== 'timer_retrans',
  );
  assert.deepEqual(pick(listed, names), pick(numbersOf(before), names), before.stable);
  assert.equal(listed.inode ?? 0, before.inode, before.stable);
  assert.deepEqual(
    (listed.fds ?? []).map((fd) => `${String(listed.pid)}/${String(fd)}`).sort(),
    before.holders,
  );
  assertTimer(listed.timer_ms, before, after, isProc ? 10 : 0);
}

suite('list: the numbers that ss shows', (stage) => {
  for (const source of ['ebpf', 'proc'] as const)
    it(`by ${source}: of 1,000 sockets`, async function () {
      if (!hasProgram('ss')) skip(this, 'ss is missing');
      await using world = new World();
      await world.populate();
      const namespaces = [world.near, world.far];
      const seen = new Map<string, Set<string>>();
      const count = (): number => [...seen.values()].reduce((sum, {size}) => sum + size, 0);
      /** Compares the sockets that do not change meanwhile; returns true once each has been compared. */
      const round = (): boolean => {
        const read = (): SsSocket[][] => namespaces.map(readSs);
        const before = read();
        const {sockets} = list({source, filter: {netns: namespaces.map(({inode}) => inode)}});
        const after = read();
        let isComplete = true;
        for (const [index, {inode, name}] of namespaces.entries()) {
          const listed = new Map(
            sockets.filter(({netns}) => netns === inode).map((socket) => [keyOfListed(socket), socket]),
          );
          const later = new Map(after[index]?.map((ss) => [keyOf(ss), ss]));
          for (const ss of before[index] ?? []) {
            const key = keyOf(ss);
            const same = later.get(key);
            if (same?.stable === ss.stable) {
              compare(listed.get(key), ss, same);
              seen.set(ss.state, (seen.get(ss.state) ?? new Set()).add(`${name} ${key}`));
            }
            isComplete &&= seen.get(ss.state)?.has(`${name} ${key}`) ?? false;
          }
        }
        return isComplete;
      };
      await until(round, 'sockets that do not change');
      assert.ok(count() > 1000, `${String(count())} sockets`);
      const states = [
        'close-wait',
        'established',
        'fin-wait-1',
        'fin-wait-2',
        'listening',
        'syn-recv',
        'syn-sent',
        'time-wait',
      ];
      assert.deepEqual([...seen.keys()].sort(), states);
      assert.equal(stage.actor.comm, 'actor');
    });
});
