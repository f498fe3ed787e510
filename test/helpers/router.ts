/** Three network namespaces as hosts: a client, a router with address translation, and a server. */
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {reaped} from './child.js';
import {Netns} from './netns.js';

/** Forwards connections in user space, which makes two of each. Prints a line when it listens. */
const PROXY = `
const net = require('node:net');
const [address, port, toAddress, toPort] = process.argv.slice(1);
const server = net.createServer({allowHalfOpen: true}, (inside) => {
  const outside = net.connect({host: toAddress, port: Number(toPort), allowHalfOpen: true});
  inside.pipe(outside).pipe(inside);
  for (const socket of [inside, outside]) socket.on('error', () => process.exit(1));
});
server.listen({host: address, port: Number(port), backlog: 4096}, () => console.log('listening'));
`;

/** Joins two namespaces by a veth pair, with the addresses NETWORK.1 and NETWORK.2. */
function cable(a: Netns, b: Netns, device: string, network: string): void {
  a.ip('link', 'add', device, 'type', 'veth', 'peer', 'name', device, 'netns', b.name);
  for (const [netns, host] of [
    [a, 1],
    [b, 2],
  ] as const) {
    netns.ip('link', 'set', device, 'up');
    netns.ip('address', 'add', `${network}.${String(host)}/24`, 'dev', device);
  }
}

export class Router implements Disposable {
  readonly client = new Netns();
  readonly router = new Netns();
  readonly server = new Netns();
  /** Address of the router that the client sees. */
  readonly front = '10.81.1.2';
  readonly serverAddress = '10.81.2.1';
  readonly serverPort = 8080;

  constructor() {
    cable(this.client, this.router, 'front0', '10.81.1');
    cable(this.server, this.router, 'back0', '10.81.2');
    this.client.ip('route', 'add', 'default', 'via', '10.81.1.2');
    this.server.ip('route', 'add', 'default', 'via', '10.81.2.2');
    this.router.sysctl('ipv4/ip_forward', '1');
  }

  /** Translates the destination of `dnatPort`, and both addresses of `snatPort`. */
  translate(dnatPort: number, snatPort: number): void {
    const to = `${this.serverAddress}:${String(this.serverPort)}`;
    this.router.nft(`table ip translate {
      chain destination {
        type nat hook prerouting priority -100
        tcp dport ${String(dnatPort)} dnat to ${to}
        tcp dport ${String(snatPort)} ct mark set 1 dnat to ${to}
      }
      chain source {
        type nat hook postrouting priority 100
        ct mark 1 meta l4proto tcp snat to 10.81.2.2:20000-65000
      }
    }`);
  }

  /** @throws the error of ipvsadm(8) if the kernel has no IPVS */
  balance(port: number): void {
    const ipvsadm = (...args: readonly string[]): void => {
      execFileSync('ip', ['netns', 'exec', this.router.name, 'ipvsadm', ...args], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
    };
    const service = `${this.front}:${String(port)}`;
    ipvsadm('-A', '-t', service, '-s', 'rr');
    ipvsadm('-a', '-t', service, '-r', `${this.serverAddress}:${String(this.serverPort)}`, '-m');
  }

  /** Starts a proxy in user space on the router. */
  async proxy(port: number): Promise<AsyncDisposable> {
    const to = [this.serverAddress, String(this.serverPort)];
    const args = ['netns', 'exec', this.router.name, process.execPath, '-e', PROXY];
    const child = reaped(
      spawn('ip', [...args, this.front, String(port), ...to], {stdio: ['ignore', 'pipe', 'inherit']}),
    );
    await once(child.stdout, 'data');
    return child;
  }

  [Symbol.dispose](): void {
    for (const netns of [this.client, this.router, this.server]) netns[Symbol.dispose]();
  }
}
