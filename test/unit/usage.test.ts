import assert from 'node:assert/strict';
import {readUsage} from '#dist/procfs/usage.js';

describe('usage of a process', () => {
  it('is what the kernel tells the process itself, finer than a tick', () => {
    const before = readUsage(process.pid);
    const start = process.cpuUsage();
    let used = 0;
    while (used < 3000) {
      const {user, system} = process.cpuUsage(start);
      used = user + system;
    }
    const after = readUsage(process.pid);
    assert.ok(before && after);
    const cpuMs = after.cpuMs - before.cpuMs;
    assert.ok(cpuMs >= 3 && cpuMs % 10 !== 0, String(cpuMs));
    assert.ok(after.peakRssBytes >= process.memoryUsage.rss() / 2 && after.peakRssBytes < 2 ** 40);
  });

  it('of one that is gone is unknown', () => {
    assert.equal(readUsage(2 ** 22 + 1), undefined);
  });
});
