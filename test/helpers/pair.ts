import type {Actor} from './actor.js';
import type {Sock} from './sock.js';

export interface Pair {
  readonly client: Sock;
  readonly server: Sock;
  readonly listener: Sock;
}

interface PairOptions {
  /** Address to connect to, if not the listener's. */
  readonly to?: string;
  readonly server?: Actor;
}

/** Establishes a connection. */
export async function connectPair(actor: Actor, address: string, options: PairOptions = {}): Promise<Pair> {
  const {to = address, server: acceptor = actor} = options;
  const listener = await acceptor.listen(address);
  const client = await actor.socket(to.includes(':') ? 6 : 4);
  await client.connect(to, listener.port);
  return {client, server: await listener.accept(), listener};
}

/** The client sends 1000 bytes, then the server 10; each receives them. */
export async function exchange({client, server}: Pick<Pair, 'client' | 'server'>): Promise<void> {
  await client.send(1000);
  await server.receive(1000);
  await server.send(10);
  await client.receive(10);
}

/** Closes the client's socket; then the server's, after it has received the FIN. */
export async function closePair({client, server}: Pick<Pair, 'client' | 'server'>): Promise<void> {
  await client.close();
  await server.drain();
  await server.close();
}

/** Returns a port without a listener; the kernel does not assign it again soon. */
export async function freePort(actor: Actor, address: string): Promise<number> {
  const sock = await actor.socket(address.includes(':') ? 6 : 4);
  await sock.bind(address);
  await sock.close();
  return sock.port;
}
