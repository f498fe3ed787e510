/** The check of e2e/clean.test.ts with many more connections. */
import {assertNoLeak} from '../helpers/leak.js';
import {suite} from '../helpers/suite.js';

suite('100,000 connections of twelve kinds', (stage) => {
  it('leave no entry in the connection map', async () => {
    await assertNoLeak(stage.actor, Math.ceil(100_000 / 12));
  }).timeout(120_000);
});
