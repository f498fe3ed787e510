/** Some lives of tracers, and as many that fail: for valgrind, which is not to look at the tests' own code. */
const addon = require('../../build/Release/tcptrace.node');

const OPTIONS = {
  probe: 'tracepoint',
  bufferSizeBytes: 65_536,
  maxConnections: 1024,
  events: 0xffff_ffff,
  families: 3,
  pids: [process.pid],
  ends: [],
  notPids: [],
  uids: [],
  notUids: [],
  netns: [],
  notNetns: [],
};

function attempt(what, make) {
  try {
    make()?.close?.();
    console.log(`${what}: done`);
  } catch (error) {
    console.log(`${what}: ${error.message}`);
  }
}

for (let turn = 0; turn < 2; turn++) {
  attempt('features', () => void addon.features());
  attempt('sockets', () => void addon.sockets());
  attempt('no types', () => addon.sockets('/nowhere'));
  attempt('wrong', () => new addon.Tracer({...OPTIONS, pids: [1, 'x']}));
  for (const probe of ['kprobe', 'tracepoint'])
    attempt(probe, () => new addon.Tracer({...OPTIONS, probe, follow: {pids: [process.pid]}}));
}
