import assert from 'node:assert/strict';
import {readUsage} from '#dist/procfs/usage.js';

describe('CPU and memory usage of a process', () => {
  it('equals getrusage(2), finer than a clock tick', () => {
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

  it('is unknown if the process has exited', () => {
    assert.equal(readUsage(2 ** 22 + 1), undefined);
  });
});
