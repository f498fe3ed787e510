/** Named network namespaces, deleted when they go out of scope. */
import {execFileSync} from 'node:child_process';
import {statSync} from 'node:fs';

let count = 0;

/** Runs ip(8), without a library that checks the memory of tcptrace. @returns its output */
function ip(...args: readonly string[]): string {
  return ipWithInput('', ...args);
}

function ipWithInput(input: string, ...args: readonly string[]): string {
  const env = {...process.env, LD_PRELOAD: undefined};
  return execFileSync('ip', args, {input, encoding: 'utf8', env, stdio: 'pipe'});
}

export class Netns implements Disposable {
  readonly name: string;
  readonly path: string;

  constructor() {
    count += 1;
    this.name = `tcptrace-test-${String(process.pid)}-${String(count)}`;
    this.path = `/run/netns/${this.name}`;
    ip('netns', 'add', this.name);
    this.ip('link', 'set', 'lo', 'up');
  }

  /** Deletes the namespace and makes another one with its name. */
  remake(): void {
    ip('netns', 'del', this.name);
    ip('netns', 'add', this.name);
  }

  get inode(): number {
    return statSync(this.path).ino;
  }

  ip(...args: readonly string[]): string {
    return ip('-n', this.name, ...args);
  }

  /**
   * Adds an address, with its prefix length, to an interface and waits until it can be used: the kernel adds the local
   * route of an IPv6 address in a work queue (addrconf_dad_start()), also with `nodad`.
   */
  addAddress(device: string, address: string): void {
    const is6 = address.includes(':');
    this.ip('address', 'add', address, 'dev', device, ...(is6 ? ['nodad'] : []));
    if (!is6) return;
    const local = ['-6', 'route', 'show', 'table', 'local', 'exact', address.replace(/\/.*/, '')];
    const deadline = Date.now() + 20_000;
    while (this.ip(...local) === '')
      if (Date.now() > deadline) throw new Error(`no local route of ${address}`);
  }

  tc(...args: readonly string[]): void {
    execFileSync('tc', ['-n', this.name, ...args], {stdio: ['ignore', 'ignore', 'pipe']});
  }

  /** Returns the index of an interface. */
  ifindex(device: string): number {
    const [link] = JSON.parse(this.ip('-json', 'link', 'show', device)) as {ifindex: number}[];
    if (link === undefined) throw new Error(`no interface ${device}`);
    return link.ifindex;
  }

  /** @param name path below /proc/sys/net/ */
  sysctl(name: string, value: string): void {
    this.#run('sh', '-c', 'echo "$2" >"/proc/sys/net/$1"', 'sh', name, value);
  }

  /** Loads nftables rules in this namespace. */
  nft(rules: string): void {
    ipWithInput(rules, 'netns', 'exec', this.name, 'nft', '-f', '-');
  }

  /** Segments that the sockets of this namespace have retransmitted, SYN and SYN-ACK included. */
  retransmitted(): number {
    const [names = [], values = []] = this.#run('cat', '/proc/net/snmp')
      .split('\n')
      .filter((line) => line.startsWith('Tcp:'))
      .map((line) => line.split(' '));
    return Number(values[names.indexOf('RetransSegs')]);
  }

  /** Returns true while the namespace has TCP sockets other than listeners and TIME_WAIT. */
  hasSockets(): boolean {
    return this.#run(...SS_CONNECTED).trim() !== '';
  }

  /** Runs a program in this namespace. @returns its output */
  #run(...words: readonly string[]): string {
    return ip('netns', 'exec', this.name, ...words);
  }

  [Symbol.dispose](): void {
    ip('netns', 'del', this.name);
  }
}

const SS_CONNECTED = ['ss', '-tnH', 'state', 'connected', 'exclude', 'time-wait'];

const MAC_A = '02:00:00:00:00:0a';
const MAC_B = '02:00:00:00:00:0b';
const MAC_NOBODY = '02:00:00:00:00:ff';

/** A veth pair between two namespaces; each interface has an IPv4, an IPv6 and a link-local address. */
export class Cable {
  readonly a = {address: '10.77.0.1', address6: 'fd00:77::1', linkLocal: 'fe80::77:1', device: 'test0'};
  readonly b = {address: '10.77.0.2', address6: 'fd00:77::2', linkLocal: 'fe80::77:2', device: 'test0'};
  /** An address of the subnet that no interface has. */
  readonly unused = '10.77.0.99';
  readonly #from: Netns;

  constructor(from: Netns, to: Netns) {
    this.#from = from;
    from.ip(
      'link',
      'add',
      'test0',
      'address',
      MAC_A,
      'type',
      'veth',
      'peer',
      'name',
      'test0',
      'address',
      MAC_B,
      'netns',
      to.name,
    );
    for (const [netns, side] of [
      [from, this.a],
      [to, this.b],
    ] as const) {
      netns.ip('link', 'set', 'test0', 'addrgenmode', 'none');
      netns.ip('link', 'set', 'test0', 'up');
      netns.addAddress('test0', `${side.address}/24`);
      netns.addAddress('test0', `${side.address6}/64`);
      netns.addAddress('test0', `${side.linkLocal}/64`);
    }
    this.join();
  }

  /** Makes packets of the first namespace disappear, by a wrong link-layer address. */
  cut(): void {
    this.#route(MAC_NOBODY);
  }

  join(): void {
    this.#route(MAC_B);
  }

  #route(mac: string): void {
    for (const address of [this.b.address, this.b.address6]) {
      this.#from.ip('neighbour', 'replace', address, 'lladdr', mac, 'dev', 'test0', 'nud', 'permanent');
    }
  }
}
