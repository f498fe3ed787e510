// The flow of a connection: docs/flow.md.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tcptrace {

/** Returns SipHash-2-4 of an integer in little-endian order (Aumasson and Bernstein, 2012). */
uint64_t SipHash(uint64_t key0, uint64_t key1, uint64_t message);

/**
 * Replaces the initial sequence numbers (bpf/isn.h) in records of `struct event` by their hash. Nobody else
 * may see these numbers: who knows them can inject segments.
 * @param size whole records
 */
void HashFlows(char* records, size_t size);

}  // namespace tcptrace
