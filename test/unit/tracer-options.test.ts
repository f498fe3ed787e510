/** Encodes filters for the kernel. */
import assert from 'node:assert/strict';
import type {EndpointPredicate} from '#dist/filter/endpoints.js';
import {NO_FILTER} from '#dist/filter/filter.js';
import {compileGlobs} from '#dist/filter/glob-automaton.js';
import {divideEnds, toPredicates, toTracerOptions} from '#dist/filter/encode.js';
import {portIs} from '../helpers/ends.js';

describe('limits of kernel filters', () => {
  const conditionOf = (tests: number): EndpointPredicate => ({
    isWanted: true,
    tests: Array.from({length: tests}, () => ({end: 'either', ports: [1, 2]})),
  });
  const sizes = (ends: readonly EndpointPredicate[]) => ends.map(({tests}) => tests.length);

  it('64 endpoint tests', () => {
    const {inKernel, behind} = divideEnds([40, 30, 24, 1].map(conditionOf));
    assert.deepEqual(
      [sizes(inKernel), sizes(behind)],
      [
        [40, 24],
        [30, 1],
      ],
    );
  });

  it('32 endpoint predicates', () => {
    const {inKernel, behind} = divideEnds(Array.from({length: 33}, () => conditionOf(1)));
    assert.deepEqual([inKernel.length, behind.length], [32, 1]);
  });
});

describe('tracer options', () => {
  const LIMITS = {bufferSizeBytes: 4096, maxConnections: 7};

  it('leave filters beyond the limits to user space', () => {
    const many = Array.from({length: 65}, (_, index) => index + 1);
    const filter = {...NO_FILTER, pids: many, notPids: many, uids: [1], comms: ['x?'], notComms: ['y*']};
    const {pids, notPids, uids, comms, notComms} = toTracerOptions('kprobe', {...filter, events: []}, LIMITS);
    assert.deepEqual([pids, notPids, uids, comms, notComms], [[], [], [1], undefined, compileGlobs(['y*'])]);
    const conditions = toPredicates(filter);
    const decide = (pid: number, comm: string): readonly boolean[] =>
      conditions.map((condition) => condition({pid, comm, family: 4}));
    assert.deepEqual(decide(65, 'xy'), [true, false, true]);
    assert.deepEqual(decide(66, 'y'), [false, true, false]);
  });

  it('encode events and families as bits, other filters as numbers', () => {
    const filter = {
      ...NO_FILTER,
      events: ['connect', 'open', 'lost'],
      pids: [1],
      families: [6],
      notUids: [4],
      netns: [5],
      ends: [portIs(2), portIs(3)],
    } as const;
    assert.deepEqual(toTracerOptions('kprobe', filter, LIMITS), {
      probe: 'kprobe',
      bufferSizeBytes: 4096,
      maxConnections: 7,
      events: (1 << 1) | (1 << 5),
      families: 2,
      pids: [1],
      notPids: [],
      uids: [],
      notUids: [4],
      netns: [5],
      notNetns: [],
      comms: compileGlobs([]),
      notComms: compileGlobs([]),
      ends: [portIs(2), portIs(3)],
    });
  });

  it('select both families by default', () => {
    const filter = {...NO_FILTER, events: ['lost']} as const;
    const families = ([[], [4], [4, 6]] as const).map(
      (wanted) => toTracerOptions('fentry', {...filter, families: wanted}, LIMITS).families,
    );
    assert.deepEqual(families, [3, 1, 3]);
    assert.equal(toTracerOptions('fentry', {...filter, families: []}, LIMITS).events, 0);
  });
});
