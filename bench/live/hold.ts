import {Actor} from '../../test/helpers/actor.js';

/** Bytes that the client of each connection has sent, so that it has something to report. */
const BYTES = 100;

export interface Held extends AsyncDisposable {
  readonly sockets: number;
}

/** Makes idle connections, both sockets of each in one of the processes, each of which has its own listener. */
export async function hold(processes: number, connections: number): Promise<Held> {
  const each = Math.ceil(connections / processes);
  const actors: Actor[] = [];
  for (let i = 0; i < processes; i++) {
    const actor = await Actor.start();
    actors.push(actor);
    const {fd, port} = await actor.listen('127.0.0.1');
    await actor.do('hold', fd, each, '127.0.0.1', port, BYTES);
  }
  return {
    sockets: 2 * each * processes,
    async [Symbol.asyncDispose]() {
      await Promise.all(actors.map(async (actor) => actor[Symbol.asyncDispose]()));
    },
  };
}
