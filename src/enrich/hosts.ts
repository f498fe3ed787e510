/** Looks up names of addresses, by DNS and hosts(5). */
import {Resolver} from 'node:dns/promises';
import {type Answers, createAnswers} from './answers.js';

/** Names expire, because an address may move to another host. */
const BOUNDS = {maxKnown: 16_384, maxPending: 256, lifetimeMs: 600_000, retryMs: 60_000};
const MAX_NAME_LENGTH = 255;

/** Creates a cache of host names by address; close() cancels pending queries. */
export function createHosts(
  resolver: Pick<Resolver, 'reverse' | 'cancel'> = new Resolver({timeout: 2000, tries: 2}),
): Answers<string> {
  const answers = createAnswers(async (address) => {
    const [name] = await resolver.reverse(address).catch((): string[] => []);
    return name !== undefined && name !== '' && name.length <= MAX_NAME_LENGTH ? name : undefined;
  }, BOUNDS);
  return {
    ...answers,
    close() {
      answers.close();
      resolver.cancel();
    },
  };
}
