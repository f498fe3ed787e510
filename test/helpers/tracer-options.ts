import type {TracerOptions} from '#dist/kernel/binding.js';

/** Options of the addon that trace everything this process does. */
export const TRACER_OPTIONS: TracerOptions = {
  probe: 'tracepoint',
  bufferSizeBytes: 65_536,
  maxConnections: 1024,
  events: 0xffff_ffff,
  families: 3,
  pids: [process.pid],
  notPids: [],
  uids: [],
  notUids: [],
  netns: [],
  notNetns: [],
  comms: undefined,
  notComms: undefined,
  ends: [],
};
