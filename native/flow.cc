#include "flow.h"

#include <cstring>

#include "../bpf/event.h"

namespace tcptrace {

namespace {

// The first 16 bytes of SHA-256("tcptrace flow"), as little-endian integers.
constexpr uint64_t kKey0 = 0x89a82a20cb2b93b6;
constexpr uint64_t kKey1 = 0xd03f0d6b2468198b;

struct State {
  uint64_t v0, v1, v2, v3;
};

uint64_t RotateLeft(uint64_t word, int bits) { return word << bits | word >> (64 - bits); }

void Rounds(State* s, int count) {
  for (; count > 0; count--) {
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = RotateLeft(s->v1, 13) ^ s->v0;
    s->v3 = RotateLeft(s->v3, 16) ^ s->v2;
    s->v0 = RotateLeft(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = RotateLeft(s->v1, 17) ^ s->v2;
    s->v3 = RotateLeft(s->v3, 21) ^ s->v0;
    s->v2 = RotateLeft(s->v2, 32);
  }
}

void Absorb(State* s, uint64_t word) {
  s->v3 ^= word;
  Rounds(s, 2);
  s->v0 ^= word;
}

}  // namespace

uint64_t SipHash(uint64_t key0, uint64_t key1, uint64_t message) {
  State s = {key0 ^ 0x736f6d6570736575, key1 ^ 0x646f72616e646f6d, key0 ^ 0x6c7967656e657261,
             key1 ^ 0x7465646279746573};
  Absorb(&s, message);
  // the last word has the length of the message in its highest byte
  Absorb(&s, uint64_t{sizeof(message)} << 56);
  s.v2 ^= 0xff;
  Rounds(&s, 4);
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

void HashFlows(char* records, size_t size) {
  struct event event;
  for (char* end = records + size; records < end; records += sizeof(event)) {
    memcpy(&event, records, sizeof(event));
    if (event.type == EVENT_CGROUP || event.flow == 0) continue;
    event.flow = SipHash(kKey0, kKey1, event.flow);
    memcpy(records + offsetof(struct event, flow), &event.flow, sizeof(event.flow));
  }
}

}  // namespace tcptrace
