// Limits of a tracer. `make layout` copies them to src/kernel/layout.ts: decimal numbers only.
#pragma once

/* Size of the ring buffer, in bytes: 1 GiB. */
#define BUFFER_BYTES_MAX 1073741824

/* Entries of the map of live connections, 2^26: the kernel refuses hash maps much larger than this. */
#define CONNECTIONS_MAX 67108864

/* Entries of the map of followed processes. */
#define FOLLOWED_MAX 65536
