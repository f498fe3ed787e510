/** Calls the addon with valid and invalid arguments. A separate program, so that valgrind checks only the addon. */
const {endianness} = require('node:os');
const addon = require('../../build/Release/tcptrace.node');

/** A filter that nothing passes: all zero but the version. */
const OPTIONS = {
  probe: 'tracepoint',
  bufferSizeBytes: 65_536,
  maxConnections: 1024,
  filter: new Uint8Array(addon.filterSize),
};

new DataView(OPTIONS.filter.buffer).setUint32(0, addon.filterVersion, endianness() === 'LE');

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
  attempt('invalid options', () => new addon.Tracer({...OPTIONS, follow: {pids: [1, 'x']}}));
  for (const probe of ['kprobe', 'tracepoint'])
    attempt(probe, () => new addon.Tracer({...OPTIONS, probe, follow: {pids: [process.pid]}}));
}
