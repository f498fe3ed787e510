/** Division of a filter between kernel and user space, and its encoding. */
import assert from 'node:assert/strict';
import {divideEndpoints, divideOwners, toPredicates} from '#dist/filter/divide.js';
import {encodeFilter} from '#dist/filter/encode.js';
import {type EndpointPredicate, parseNetwork} from '#dist/filter/endpoints.js';
import {NO_FILTER} from '#dist/filter/filter.js';
import {compileGlobs} from '#dist/filter/glob-automaton.js';
import {
  ENDPOINT_TEST_SIZE,
  EndpointTestOffset,
  FILTER_SIZE,
  FILTER_VERSION,
  FilterOffset,
} from '#dist/kernel/layout.js';
import {portIs} from '../helpers/port-filter.js';

const read = (bytes: Buffer, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(
    at,
    new Uint8Array(Uint16Array.of(1).buffer)[0] === 1,
  );

describe('division of endpoint predicates', () => {
  const predicateOf = (tests: number): EndpointPredicate => ({
    kind: 'include',
    tests: Array.from({length: tests}, () => ({endpoint: 'either', ports: [1, 2]})),
  });
  const sizes = (predicates: readonly EndpointPredicate[]) => predicates.map(({tests}) => tests.length);

  it('64 tests fit into the kernel', () => {
    const {inKernel, inUserSpace} = divideEndpoints([40, 30, 24, 1].map(predicateOf));
    assert.deepEqual(
      [sizes(inKernel), sizes(inUserSpace)],
      [
        [40, 24],
        [30, 1],
      ],
    );
  });

  it('32 predicates fit', () => {
    const {inKernel, inUserSpace} = divideEndpoints(Array.from({length: 33}, () => predicateOf(1)));
    assert.deepEqual([inKernel.length, inUserSpace.length], [32, 1]);
  });
});

describe('division of lists', () => {
  it('user space evaluates lists that are too long, and globs that cannot be matched by bytes', () => {
    const many = Array.from({length: 65}, (_, index) => index + 1);
    const filter = {
      ...NO_FILTER,
      pids: many,
      excludePids: many,
      uids: [1],
      comms: ['x?'],
      excludeComms: ['y*'],
    };
    const {pids, excludePids, uids, comms, excludeComms} = divideOwners(filter).inKernel;
    assert.deepEqual(
      [pids, excludePids, uids, comms, excludeComms],
      [[], [], [1], compileGlobs([]), compileGlobs(['y*'])],
    );
    const predicates = toPredicates(filter);
    const decide = (pid: number, comm: string): readonly boolean[] =>
      predicates.map((predicate) => predicate({pid, comm, family: 4}));
    assert.deepEqual(decide(65, 'xy'), [true, false, true]);
    assert.deepEqual(decide(66, 'y'), [false, true, false]);
  });
});

describe('encoding of filters', () => {
  it('writes each field at its offset', () => {
    const filter = {
      ...NO_FILTER,
      events: ['connect', 'open', 'lost'],
      pids: [1],
      families: [6],
      excludeUids: [4, 0xffff_ffff],
      netns: [5],
      endpoints: [
        portIs(2),
        {kind: 'exclude', tests: [{endpoint: 'local', network: parseNetwork('10.9.8.7/12')}]},
      ],
    } as const;
    const bytes = encodeFilter(filter, true);
    const words = (offset: number, count: number): number[] =>
      Array.from({length: count}, (_, index) => read(bytes, offset + index * 4));
    assert.equal(bytes.length, FILTER_SIZE);
    assert.deepEqual(words(0, 8), [FILTER_VERSION, (1 << 1) | (1 << 5), 2, 1, 2, 1, 2, 0]);
    assert.deepEqual(words(FilterOffset.include_pids, 3), [1, 1, 0]);
    assert.deepEqual(words(FilterOffset.exclude_uids, 3), [2, 4, 0xffff_ffff]);
    assert.deepEqual(words(FilterOffset.include_netns, 2), [1, 5]);
    const test = bytes.subarray(FilterOffset.endpoint_tests + ENDPOINT_TEST_SIZE);
    assert.deepEqual([...test.subarray(EndpointTestOffset.network, 5)], [10, 0, 0, 0, 0]);
    assert.deepEqual(
      [...test.subarray(EndpointTestOffset.mask, EndpointTestOffset.mask + 5)],
      [255, 240, 0, 0, 0],
    );
    assert.deepEqual([...test.subarray(EndpointTestOffset.family, ENDPOINT_TEST_SIZE)], [4, 1, 1, 0]);
  });

  it('no family is both', () => {
    const families = ([[], [4], [4, 6]] as const).map((list) =>
      read(encodeFilter({...NO_FILTER, events: ['lost'], families: list}), FilterOffset.families),
    );
    assert.deepEqual(families, [3, 1, 3]);
  });
});
