/**
 * Limits and defaults that several parts share. The generated src/kernel/layout.ts has those of the BPF programs and the
 * addon: struct filter_config, buffers, connections and followed processes.
 */

/** Size of the ring buffer, in bytes. */
export const DEFAULT_BUFFER_BYTES = 8 * 2 ** 20;

/** Entries of the map of live connections. */
export const DEFAULT_CONNECTIONS = 2 ** 18;

/** PID_MAX_LIMIT of include/linux/threads.h: every process ID is lower. */
export const MAX_PID = 2 ** 22;

export const MAX_PORT = 65_535;

export const MAX_INT32 = 2 ** 31 - 1;

export const MAX_UINT32 = 2 ** 32 - 1;

/** Longest time of a Node.js timer, in milliseconds: 31 bits. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Longest line of a recording that is parsed, in bytes; an event has a few hundred. */
export const MAX_LINE_BYTES = 2 ** 20;
