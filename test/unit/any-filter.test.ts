/** The kernel's filter, compiled for this machine, against the matcher of user space. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import path from 'node:path';
import {type CgroupTest, compileCgroupTests} from '#dist/filter/cgroup-tests.js';
import {toPredicates} from '#dist/filter/divide.js';
import {encodeFilter} from '#dist/filter/encode.js';
import type {EndpointPredicate, EndpointTest} from '#dist/filter/endpoints.js';
import {createMatcher, type Filter, meets, NO_FILTER} from '#dist/filter/filter.js';
import type {MatchSubject, Party} from '#dist/filter/match-subject.js';
import {completeSocketFilter} from '#dist/filter/validate.js';
import {createDecoder} from '#dist/kernel/decode.js';
import {EVENT_KINDS} from '#dist/model/event.js';
import {ROOT} from '../helpers/machine.js';
import {runs} from '../helpers/runs.js';
import {batch, record, type RecordFields, TYPE} from './record.js';

const UNSEEN: MatchSubject = {family: 4, laddr: undefined, lport: undefined, netns: undefined};
const EVENTS_PER_FILTER = 20;
const GROUPS_PER_RUN = 500;

/** A generator of numbers (mulberry32): fast-check takes too long for a million records. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Returns an integer from 0 to below `bound`. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  some<T>(values: readonly T[], most: number): readonly T[] {
    return Array.from({length: 1 + this.below(most)}, () => this.pick(values));
  }

  /** True in so many percent of all calls. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}

const PIDS = [0, 1, 2, 3, 4] as const;
const UIDS = [0, 1, 1000, 0xffff_fffe] as const;
const NETNS = [0, 1, 4_026_531_840] as const;
const NAMES = ['', 'a', 'ab', 'abc', 'ba', 'aab', 'nginx', 'nginx: worker', 'é', '漢字', 'fifteen letters'];
const BYTES = [...NAMES.map((name) => Buffer.from(name)), Buffer.of(0x61, 0xff), Buffer.of(0xe6, 0xbc)];
const GLOBS = [
  'a',
  '*',
  '*a',
  'a*',
  '*a*b*',
  'nginx*',
  '?',
  'a?',
  '*?b',
  'é',
  '漢*',
  '*letters',
  '\uFFFD*',
  '**b',
];
const PORTS = [0, 1, 80, 443, 65_535] as const;
const V4 = [
  [0, 0, 0, 0],
  [10, 1, 2, 3],
  [127, 0, 0, 1],
] as const;
const V6 = [
  new Array<number>(16).fill(0),
  [0xfd, ...new Array<number>(14).fill(0), 1],
  [...new Array<number>(15).fill(0), 1],
  [0xfe, 0x80, ...new Array<number>(13).fill(0), 1],
];
/** 0 is unknown. */
const IFINDEXES = [0, 1, 2] as const;
const NETWORKS = [
  {address: '10.0.0.0', prefixLength: 8},
  {address: '10.1.2.2', prefixLength: 31},
  {address: '0.0.0.0', prefixLength: 0},
  {address: '127.0.0.1', prefixLength: 32},
  {address: '::', prefixLength: 0},
  {address: 'fd00::2', prefixLength: 127},
  {address: 'fd00::1', prefixLength: 128},
  {address: '::ffff:10.0.0.0', prefixLength: 104},
  {address: 'fe80::', prefixLength: 10},
  {address: 'fe80::', prefixLength: 10, zone: '1'},
  {address: 'fe80::1', prefixLength: 128, zone: '2'},
] as const;

function anyTest(random: Random): EndpointTest {
  const [first, last] = [random.pick(PORTS.slice(1)), random.pick(PORTS.slice(1))];
  const ports = [Math.min(first, last), Math.max(first, last)] as const;
  return {
    endpoint: random.pick(['local', 'remote', 'either'] as const),
    ...(random.chance(60) && {network: random.pick(NETWORKS)}),
    ...(random.chance(60) && {ports}),
  };
}

function anyPredicate(random: Random): EndpointPredicate {
  const most = random.chance(5) ? 70 : 4;
  return {
    kind: random.pick(['include', 'exclude'] as const),
    tests: Array.from({length: 1 + random.below(most)}, () => anyTest(random)),
  };
}

/** Lists of more than 64 values are for user space. */
function anyNumbers(random: Random, values: readonly number[], most: number): readonly number[] {
  const numbers = random.some(values, most);
  return random.chance(10)
    ? [...numbers, ...Array.from({length: 65}, (_, index) => 10_000 + index)]
    : numbers;
}

/** 0 is unknown. The last three have the lower half of others; the last one fits in no slot. */
const CGROUPS = [0, 1, 2, 77, 1 + 2 ** 32, 1 + 2 ** 50, 2 + 2 ** 41] as const;

/** Some cgroups cannot be found. */
function anyCgroupTest(random: Random): CgroupTest {
  const [matching, hidden] = [random.some(CGROUPS, 4), random.some(CGROUPS, 1)] as const;
  const isKnown = ({cgroup_id: id}: Party): boolean => id !== undefined && !hidden.includes(id);
  return {
    kind: random.pick(['include', 'exclude'] as const),
    isKnown,
    matches: (party) => isKnown(party) && matching.includes(party.cgroup_id as number),
  };
}

const DIMENSIONS: readonly ((random: Random) => Partial<Filter>)[] = [
  (random) => ({events: random.some(EVENT_KINDS, 8)}),
  (random) => ({families: [random.pick([4, 6] as const)]}),
  (random) => ({pids: anyNumbers(random, PIDS.slice(1), 4)}),
  (random) => ({excludePids: anyNumbers(random, PIDS.slice(1), 2)}),
  (random) => ({uids: anyNumbers(random, UIDS, 3)}),
  (random) => ({excludeUids: anyNumbers(random, UIDS, 2)}),
  (random) => ({netns: anyNumbers(random, NETNS.slice(1), 2)}),
  (random) => ({excludeNetns: anyNumbers(random, NETNS.slice(1), 1)}),
  (random) => ({comms: random.some(GLOBS, 3)}),
  (random) => ({excludeComms: random.some(GLOBS, 1)}),
  (random) => ({cgroupTests: Array.from({length: 1 + random.below(4)}, () => anyCgroupTest(random))}),
  (random) => ({endpoints: Array.from({length: 1 + random.below(2)}, () => anyPredicate(random))}),
];

function anyFilter(random: Random): Filter {
  let partial: Partial<Filter> = {};
  for (let count = 1 + random.below(2); count > 0; count -= 1)
    partial = {...partial, ...random.pick(DIMENSIONS)(random)};
  const {events = EVENT_KINDS, ...sockets} = partial;
  return {...completeSocketFilter(sockets), events};
}

function anyRecord(random: Random): Buffer {
  const family = random.pick([4, 6]);
  const addresses = (family === 4 ? V4 : V6).map((bytes) => Uint8Array.from(bytes));
  const caller = {
    pid: random.pick(PIDS),
    uid: random.pick(UIDS),
    comm: random.pick(BYTES),
    thread: random.pick(BYTES),
  };
  const opener = random.chance(30)
    ? caller
    : {pid: random.pick(PIDS), uid: random.pick(UIDS), comm: random.pick(BYTES), thread: random.pick(BYTES)};
  const openerCgroup = random.pick(CGROUPS);
  const fields: RecordFields = {
    ...caller,
    type: random.pick(Object.values(TYPE)),
    state: 1,
    family,
    cgroup: random.pick(CGROUPS) || openerCgroup,
    owner_pid: opener.pid,
    owner_cgroup: openerCgroup,
    owner_uid: opener.uid,
    owner_comm: opener.comm,
    owner_thread: opener.thread,
    netns: random.pick(NETNS),
    laddr: random.pick(addresses),
    raddr: random.pick(addresses),
    ifindex: random.pick(IFINDEXES),
    lport: random.pick(PORTS),
    rport: random.pick(PORTS),
  };
  return record(fields);
}

/** All refusals that user space can pass to the kernel, in a random order, because later ones replace others. */
function refusalsOf({cgroupTests}: Filter, random: Random): BigUint64Array {
  const refusals: bigint[] = [];
  const [predicate] = compileCgroupTests(cgroupTests, (id, bits) => refusals.push(BigInt(id), BigInt(bits)));
  for (const id of new Set(random.some(CGROUPS, 12))) predicate?.({...UNSEEN, cgroup_id: id || undefined});
  return BigUint64Array.from(refusals);
}

interface Group {
  readonly filter: Filter;
  readonly refusals: BigUint64Array;
  readonly records: readonly Buffer[];
}

/** Decisions of bpf/filter.h and bpf/refused.h. */
function decide(groups: readonly Group[]): readonly boolean[] {
  const input = Buffer.concat(
    groups.flatMap(({filter, refusals, records}) => [
      encodeFilter(filter),
      Buffer.from(Uint32Array.of(refusals.length / 2).buffer),
      Buffer.from(refusals.buffer),
      Buffer.from(Uint32Array.of(records.length).buffer),
      ...records,
    ]),
  );
  const {stdout, status} = spawnSync(path.join(ROOT, 'build/decide'), {input, maxBuffer: 1 << 28});
  assert.equal(status, 0);
  return Array.from(stdout, (byte) => byte === 1);
}

describe('any filter and event', function () {
  this.timeout(0);

  it('the kernel and user space decide the same', () => {
    const decode = createDecoder('fentry');
    const seed = Date.now() | 0;
    const random = new Random(seed);
    const {numRuns} = runs(100_000);
    let [pairs, passed] = [0, 0];
    while (pairs < numRuns) {
      const groups = Array.from({length: GROUPS_PER_RUN}, () => {
        const filter = anyFilter(random);
        const records = Array.from({length: EVENTS_PER_FILTER}, () => anyRecord(random));
        return {filter, refusals: refusalsOf(filter, random), records};
      });
      const inKernel = decide(groups);
      let at = 0;
      for (const {filter, records} of groups) {
        const predicates = toPredicates(filter);
        for (const bytes of records) {
          const [event] = decode(batch(bytes));
          assert.ok(event);
          const kernel = inKernel[at++] === true && meets(predicates, event);
          const userSpace = createMatcher(filter)(event);
          if (kernel !== userSpace)
            assert.fail(`seed ${String(seed)}: ${JSON.stringify({kernel, userSpace, filter, event})}`);
          passed += Number(kernel);
          pairs += 1;
        }
      }
    }
    // Both decisions must be common, or their equality proves little. Each dimension moves the share (0.39 with twelve).
    const share = passed / pairs;
    assert.ok(share > 0.2 && share < 0.8, `${String(Math.round(share * 100))} % pass`);
  });

  it('no filter passes all', () => {
    const random = new Random(1);
    const filter = {...NO_FILTER, events: EVENT_KINDS};
    const records = Array.from({length: 1000}, () => anyRecord(random));
    assert.ok(decide([{filter, refusals: new BigUint64Array(), records}]).every(Boolean));
  });
});
