/** Connections on loopback, as fast as they can be made: each is connected, accepted, sent ten bytes and closed. */
import {Actor} from '../test/helpers/actor.js';

const PER_CALL = 10_000;

export interface Load {
  /** @returns seconds that it took */
  readonly run: (connections: number) => Promise<number>;
  readonly pids: readonly number[];
  readonly stop: () => Promise<void>;
}

/** @param pairs of a client and a server that work at the same time */
export async function createLoad(pairs = 1): Promise<Load> {
  const actors: Actor[] = [];
  const ends = await Promise.all(
    Array.from({length: pairs}, async () => {
      const [client, server] = [await Actor.start(), await Actor.start()];
      actors.push(client, server);
      return {client, server, listener: await server.listen('127.0.0.1')};
    }),
  );

  async function runPair(
    {client, server, listener}: (typeof ends)[number],
    connections: number,
  ): Promise<void> {
    for (let left = connections; left > 0; left -= PER_CALL) {
      const count = Math.min(left, PER_CALL);
      const serving = await server.background('serve', listener.fd, count);
      await client.do('burst', count, '127.0.0.1', listener.port, 10, 0);
      await serving.join();
    }
  }

  return {
    pids: actors.map(({pid}) => pid),
    async run(connections) {
      const begin = performance.now();
      await Promise.all(ends.map((pair) => runPair(pair, Math.ceil(connections / pairs))));
      return (performance.now() - begin) / 1000;
    },
    async stop() {
      for (const actor of actors) await actor[Symbol.asyncDispose]();
    },
  };
}
