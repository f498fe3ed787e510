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
