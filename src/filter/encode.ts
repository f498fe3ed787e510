/** Encodes a filter as struct filter_config of bpf/filter_config.h. */
import {endianness} from 'node:os';
import {
  ENDPOINT_TEST_SIZE,
  EndpointSide,
  EndpointTestOffset,
  EventType,
  FILTER_SIZE,
  FILTER_VERSION,
  FilterOffset,
  NumberListOffset,
} from '../kernel/layout.js';
import type {EventKind} from '../model/event.js';
import {MAX_PORT} from '../model/limits.js';
import {divideEndpoints, divideOwners} from './divide.js';
import {type EndpointPredicate, type EndpointTest, parseBytes} from './endpoints.js';
import type {Filter} from './filter.js';
import {NUMBER_LISTS} from './owners.js';

/** `lost` has no record: the kernel counts lost events, whatever the filter. */
const EVENT_BITS = {
  connect: 1 << EventType.CONNECT,
  accept: 1 << EventType.ACCEPT,
  close: 1 << EventType.CLOSE,
  fail: 1 << EventType.FAIL,
  open: 1 << EventType.OPEN,
  update: 1 << EventType.UPDATE,
  lost: 0,
} satisfies Record<EventKind, number>;

const FAMILY_BITS = {4: 1, 6: 2} as const;
const ALL_FAMILIES = 3;

const SIDES = {
  local: EndpointSide.LOCAL,
  remote: EndpointSide.REMOTE,
  either: EndpointSide.LOCAL | EndpointSide.REMOTE,
} as const;

const LISTS = {
  pids: FilterOffset.include_pids,
  excludePids: FilterOffset.exclude_pids,
  uids: FilterOffset.include_uids,
  excludeUids: FilterOffset.exclude_uids,
  netns: FilterOffset.include_netns,
  excludeNetns: FilterOffset.exclude_netns,
} as const;

const ANY_PORT = [0, MAX_PORT] as const;

const LITTLE_ENDIAN = endianness() === 'LE';

/** Creates a netmask: the first bits are set. */
function maskBytes(bytes: number, prefixLength: number): Uint8Array {
  return Uint8Array.from({length: bytes}, (_, index) => {
    const bits = Math.min(8, Math.max(0, prefixLength - index * 8));
    return 0xff & (0xff << (8 - bits));
  });
}

/** Writes integers in the byte order of this machine. */
class Writer {
  readonly bytes = Buffer.alloc(FILTER_SIZE);
  readonly #view = new DataView(this.bytes.buffer, this.bytes.byteOffset, FILTER_SIZE);

  u8(at: number, value: number): void {
    this.#view.setUint8(at, value);
  }

  u16(at: number, value: number): void {
    this.#view.setUint16(at, value, LITTLE_ENDIAN);
  }

  u32(at: number, value: number): void {
    this.#view.setUint32(at, value, LITTLE_ENDIAN);
  }

  list(at: number, values: readonly number[]): void {
    this.u32(at + NumberListOffset.count, values.length);
    for (const [index, value] of values.entries()) this.u32(at + NumberListOffset.values + index * 4, value);
  }

  words(at: number, words: BigUint64Array): void {
    this.bytes.set(new Uint8Array(words.buffer), at);
  }

  test(at: number, {endpoint, network, ports: [first, last] = ANY_PORT}: EndpointTest, predicate: number) {
    this.u8(at + EndpointTestOffset.sides, SIDES[endpoint]);
    this.u8(at + EndpointTestOffset.predicate, predicate);
    this.u16(at + EndpointTestOffset.first_port, first);
    this.u16(at + EndpointTestOffset.last_port, last);
    if (network === undefined) return;
    const address = parseBytes(network.address);
    const mask = maskBytes(address.length, network.prefixLength);
    this.u8(at + EndpointTestOffset.family, address.length === 4 ? 4 : 6);
    this.bytes.set(mask, at + EndpointTestOffset.mask);
    for (const [index, byte] of address.entries())
      this.u8(at + EndpointTestOffset.network + index, byte & (mask[index] as number));
  }
}

function writeEndpoints(writer: Writer, predicates: readonly EndpointPredicate[]): void {
  const bits = {include: 0, exclude: 0};
  let count = 0;
  for (const [predicate, {kind, tests}] of predicates.entries()) {
    bits[kind] |= 1 << predicate;
    for (const test of tests)
      writer.test(FilterOffset.endpoint_tests + count++ * ENDPOINT_TEST_SIZE, test, predicate);
  }
  writer.u32(FilterOffset.endpoint_test_count, count);
  writer.u32(FilterOffset.include_endpoints, bits.include >>> 0);
  writer.u32(FilterOffset.exclude_endpoints, bits.exclude >>> 0);
}

/**
 * Encodes the part of the filter that the kernel evaluates; toPredicates() of divide.ts has the rest.
 *
 * @param filter complete and valid (src/filter/validate.ts)
 * @param follow true if only followed processes pass
 */
export function encodeFilter(
  filter: Omit<Filter, 'ownerPredicates' | 'cgroupTests'>,
  follow = false,
): Buffer {
  const writer = new Writer();
  const {inKernel} = divideOwners(filter);
  const families = filter.families.reduce((bits, family) => bits | FAMILY_BITS[family], 0);
  writer.u32(FilterOffset.version, FILTER_VERSION);
  writer.u32(
    FilterOffset.events,
    filter.events.reduce((bits, kind) => bits | EVENT_BITS[kind], 0),
  );
  writer.u32(FilterOffset.families, families || ALL_FAMILIES);
  writer.u32(FilterOffset.follow, follow ? 1 : 0);
  for (const name of NUMBER_LISTS) writer.list(LISTS[name], inKernel[name]);
  writer.words(FilterOffset.include_comms, inKernel.comms);
  writer.words(FilterOffset.exclude_comms, inKernel.excludeComms);
  writeEndpoints(writer, divideEndpoints(filter.endpoints).inKernel);
  return writer.bytes;
}
