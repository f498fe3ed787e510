/** Root hook of mocha: fails if tests leave child processes, which `exit` in .mocharc.json would otherwise hide. */
import assert from 'node:assert/strict';
import {setImmediate} from 'node:timers/promises';

export const mochaHooks = {
  async afterAll(): Promise<void> {
    // closes the handles of children that have just exited
    await setImmediate();
    const children = process.getActiveResourcesInfo().filter((type) => type === 'ProcessWrap');
    assert.equal(children.length, 0, 'child processes of tests are still running');
  },
};
