import assert from 'node:assert/strict';
import {setImmediate, setTimeout} from 'node:timers/promises';
import {type Answers, createAnswers} from '#dist/enrich/answers.js';

const BOUNDS = {maxKnown: 3, maxPending: 2, lifetimeMs: Infinity, retryMs: Infinity};

/** Answers each question with the number of times it was asked. */
function createOracle() {
  const asked: string[] = [];
  return {
    asked,
    ask: async (key: string): Promise<string | undefined> => {
      asked.push(key);
      await setImmediate();
      return `${key}${String(asked.filter((it) => it === key).length)}`;
    },
  };
}

const letters = (text: string): ReadonlySet<string> => new Set(text);
const found = (answers: Answers<string>, text: string) =>
  Array.from(text, (key) => answers.get(key)).filter((answer) => answer !== undefined);

describe('cache of answers', () => {
  it('refreshes old answers, and returns them until then', async () => {
    const {ask} = createOracle();
    const answers = createAnswers(ask, {...BOUNDS, lifetimeMs: 20});
    await answers.settle(letters('a'), 60_000);
    await setTimeout(30);
    const settled = answers.settle(letters('a'), 60_000);
    assert.equal(answers.get('a'), 'a1');
    await settled;
    assert.equal(answers.get('a'), 'a2');
  });

  it('is bounded: drops the least recently used', async () => {
    const {ask, asked} = createOracle();
    const answers = createAnswers(ask, BOUNDS);
    for (const key of ['a', 'b', 'c', 'a', 'd']) await answers.settle(letters(key), 60_000);
    assert.deepEqual(found(answers, 'abcd'), ['a1', 'c1', 'd1']);
    assert.deepEqual(asked, ['a', 'b', 'c', 'd']);
  });

  it('keeps all answers to one request, even beyond the bound', async () => {
    const {ask, asked} = createOracle();
    const answers = createAnswers(ask, BOUNDS);
    await answers.settle(letters('ab'), 60_000);
    await answers.settle(letters('cdefgab'), 60_000);
    assert.deepEqual(found(answers, 'abcdefg'), ['a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1']);
    assert.equal(asked.length, 7);
    await answers.settle(letters('h'), 60_000);
    assert.equal(found(answers, 'abcdefgh').length, 3);
  });
});
