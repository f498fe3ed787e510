import {Actor} from '../test/helpers/actor.js';

/** Starts a process with a listener and `pairs` connections to itself. */
export async function populate(pairs: number): Promise<Actor> {
  const actor = await Actor.start();
  const listener = await actor.listen('127.0.0.1');
  for (let i = 0; i < pairs; i++) {
    const client = await actor.socket(4);
    await client.connect('127.0.0.1', listener.port);
    await listener.accept();
  }
  return actor;
}
