/** Two network namespaces joined by a cable, with a process in each. */
import {Actor} from './actor.js';
import {Cable, Netns} from './netns.js';
import {connectPair, type Pair} from './pair.js';

export class Link implements AsyncDisposable {
  readonly here = new Netns();
  readonly there = new Netns();
  readonly cable = new Cable(this.here, this.there);
  readonly client: Actor;
  readonly server: Actor;
  /** Link-local addresses of the client and of the server. */
  readonly local = this.cable.a.linkLocal;
  readonly remote = this.cable.b.linkLocal;

  private constructor(client: Actor, server: Actor) {
    this.client = client;
    this.server = server;
    this.rename(this.there, 'test0', 'far1');
  }

  /** The interface of the client is named test0, that of the server far1. */
  static async make(): Promise<Link> {
    const link = new Link(await Actor.start(), await Actor.start());
    await link.client.do('netns', link.here.path);
    await link.server.do('netns', link.there.path);
    return link;
  }

  /** Renames an interface, which loses its IPv6 addresses, and adds them again. */
  rename(netns: Netns, from: string, to: string): void {
    netns.ip('link', 'set', from, 'down');
    netns.ip('link', 'set', from, 'name', to);
    netns.ip('link', 'set', to, 'up');
    const {linkLocal, address6} = netns === this.here ? this.cable.a : this.cable.b;
    for (const address of [linkLocal, address6]) netns.addAddress(to, `${address}/64`);
  }

  async connect(to = `${this.remote}%test0`): Promise<Pair> {
    return connectPair(this.client, '::', {to, server: this.server});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
    this.here[Symbol.dispose]();
    this.there[Symbol.dispose]();
  }
}
