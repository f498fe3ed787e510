/** Calls the addon with valid and invalid arguments. A separate program, so that valgrind checks only the addon. */
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

function attempt(title, make) {
  try {
    make()?.close?.();
    console.log(`${title}: done`);
  } catch (error) {
    console.log(`${title}: ${error.message}`);
  }
}

for (let turn = 0; turn < 2; turn++) {
  attempt('features', () => void addon.features());
  attempt('sockets', () => void addon.sockets());
  attempt('missing BTF', () => addon.sockets('/nowhere'));
  attempt('invalid options', () => new addon.Tracer({...OPTIONS, pids: [1, 'x']}));
  for (const probe of ['kprobe', 'tracepoint'])
    attempt(probe, () => new addon.Tracer({...OPTIONS, probe, follow: {pids: [process.pid]}}));
}
