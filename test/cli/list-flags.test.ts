/** Filters of `tcptrace list` and their negated forms, with two open connections. */
import assert from 'node:assert/strict';
import List from '#dist/commands/list.js';
import {findMount} from '#dist/enrich/cgroups.js';
import type {OpenSocket} from '#dist/model/socket.js';
import {Actor} from '../helpers/actor.js';
import {Container, CONTAINER_ID} from '../helpers/container.js';
import {Netns} from '../helpers/netns.js';
import {connectPair, type Pair} from '../helpers/pair.js';
import {skip, suite} from '../helpers/suite.js';
import {tcptrace} from './run.js';

const FAR = 'fd00:77::1';

/** Two connections: one in a container over loopback; one of another user over IPv6, not loopback. */
class World implements AsyncDisposable {
  readonly container: Container;
  readonly home = new Netns();
  readonly abroad = new Netns();
  readonly inside: Actor;
  readonly outside: Actor;
  /** Client and server of the first, then of the second. */
  readonly ends = new Map<number, string>();
  port = 0;

  private constructor(mount: string, inside: Actor, outside: Actor) {
    this.container = new Container(mount);
    this.inside = inside;
    this.outside = outside;
  }

  static async make(mount: string): Promise<World> {
    const world = new World(mount, await Actor.start(), await Actor.start());
    try {
      await world.#connect();
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
    return world;
  }

  async #connect(): Promise<void> {
    const {inside, outside, home, abroad} = this;
    this.container.put(inside.pid);
    abroad.addAddress('lo', `${FAR}/128`);
    await inside.do('netns', home.path);
    await outside.do('netns', abroad.path);
    await inside.setComm('insider');
    await outside.setUid(4242);
    const near = await connectPair(inside, '127.0.0.1');
    this.port = near.listener.port;
    this.#note(near, 'c', 's');
    this.#note(await connectPair(outside, FAR), 'C', 'S');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.inside[Symbol.asyncDispose]();
    await this.outside[Symbol.asyncDispose]();
    this.home[Symbol.dispose]();
    this.abroad[Symbol.dispose]();
    this.container[Symbol.dispose]();
  }

  #note({client, server}: Pair, ...[clientName, serverName]: [string, string]): void {
    this.ends.set(client.inode, clientName).set(server.inode, serverName);
  }
}

for (const way of ['eBPF', '/proc'])
  suite(`list flags with ${way}`, () => {
    let world: World;

    before(async function () {
      const mount = findMount();
      if (mount === undefined) skip(this, 'no unified hierarchy of cgroups');
      world = await World.make(mount);
    });

    after(async () => {
      await (world as World | undefined)?.[Symbol.asyncDispose]();
    });

    function listed(...flags: readonly string[]): string {
      const words = way === 'eBPF' ? [] : ['--proc'];
      const {status, stdout, stderr} = tcptrace(['list', '--json', '--quiet', ...words, ...flags]);
      assert.deepEqual([stderr, status], ['', 0]);
      const sockets = JSON.parse(stdout) as OpenSocket[];
      return sockets
        .flatMap(({inode = 0}) => world.ends.get(inode) ?? [])
        .sort()
        .join('');
    }

    /** A value of each flag, and the sockets it matches. */
    const CASES: Readonly<Record<string, readonly [value: () => string, ends: string]>> = {
      addr: [() => '127.0.0.0/8', 'cs'],
      cgroup: [() => world.container.path, 'cs'],
      comm: [() => 'ins*er', 'cs'],
      container: [() => CONTAINER_ID.slice(0, 12), 'cs'],
      laddr: [() => FAR, 'CS'],
      lport: [() => String(world.port), 's'],
      netns: [() => world.home.name, 'cs'],
      pid: [() => String(world.inside.pid), 'cs'],
      port: [() => String(world.port), 'cs'],
      raddr: [() => 'fd00:77::/32', 'CS'],
      rport: [() => String(world.port), 'c'],
      uid: [() => '4242', 'CS'],
      user: [() => '4242', 'CS'],
    };
    for (const [name, [value, ends]] of Object.entries(CASES))
      it(`--${name}, --not-${name}`, () => {
        const others = 'CScs'.replaceAll(new RegExp(`[${ends}]`, 'g'), '');
        const found = [listed(`--${name}`, value()), listed(`--not-${name}`, value())];
        assert.deepEqual(found, [ends, others]);
      });

    it('--ipv4, --ipv6, --no-loopback; no filter', () => {
      const found = [['--ipv4'], ['--ipv6'], ['--no-loopback'], []].map((flags) => listed(...flags));
      assert.deepEqual(found, ['cs', 'CS', 'CS', 'CScs']);
    });

    it('tests every filter flag', () => {
      const filters = Object.entries(List.flags).filter(([, {helpGroup}]) => helpGroup === 'filter');
      const missing = filters.map(([name]) => name.replace(/^not-/, '')).filter((name) => !(name in CASES));
      assert.deepEqual(
        [...new Set(missing)],
        ['listening', 'all', 'state', 'pod', 'pod-namespace', 'ipv4', 'ipv6', 'no-loopback'],
      );
    });
  });
