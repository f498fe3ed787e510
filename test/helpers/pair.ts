import type {Actor} from './actor.js';
import type {Sock} from './sock.js';

export interface Pair {
  readonly client: Sock;
  readonly server: Sock;
  readonly listener: Sock;
}

interface PairOptions {
  /** Where to connect to, where that is written in another way than what is listened on. */
  readonly to?: string;
  readonly server?: Actor;
}

/** An established connection. */
export async function connectPair(actor: Actor, address: string, options: PairOptions = {}): Promise<Pair> {
  const {to = address, server: acceptor = actor} = options;
  const listener = await acceptor.listen(address);
  const client = await actor.socket(to.includes(':') ? 6 : 4);
  await client.connect(to, listener.port);
  return {client, server: await listener.accept(), listener};
}

/** The client closes first, the server when it has seen that. */
export async function closePair({client, server}: Pick<Pair, 'client' | 'server'>): Promise<void> {
  await client.close();
  await server.drain();
  await server.close();
}

/** A port that nobody listens on; the kernel gives it to nobody else for a while. */
export async function freePort(actor: Actor, address: string): Promise<number> {
  const sock = await actor.socket(address.includes(':') ? 6 : 4);
  await sock.bind(address);
  await sock.close();
  return sock.port;
}
