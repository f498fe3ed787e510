import assert from 'node:assert/strict';
import {createMatcher, type Filter, NO_FILTER} from '#dist/filter/filter.js';
import type {TraceEvent} from '#dist/model/event.js';
import {hasContainer, include} from '#dist/filter/predicates.js';
import {portIs} from '../helpers/port-filter.js';
import {ACCEPT, CLOSE, CONNECT, FAIL, LOST} from './events.js';

const ALL: Filter = {events: [], ...NO_FILTER};
const EVENT = {...CONNECT, pid: 10, lport: 1000, rport: 443, family: 4} as const;

function matches(filter: Filter, event: TraceEvent): boolean {
  return createMatcher(filter)(event);
}

describe('filter', () => {
  it('an empty filter matches everything', () => {
    for (const event of [CONNECT, ACCEPT, CLOSE, FAIL, LOST]) assert.ok(matches(ALL, event));
  });

  it('values of each kind are alternatives', () => {
    const cases: [Partial<Filter>, boolean][] = [
      [{events: ['close', 'connect']}, true],
      [{events: ['close', 'accept']}, false],
      [{pids: [9, 10]}, true],
      [{pids: [9, 1]}, false],
      [{endpoints: [portIs(443)]}, true],
      [{endpoints: [portIs(80, 1000)]}, true],
      [{endpoints: [portIs(80, 44)]}, false],
      [{families: [4]}, true],
      [{families: [6]}, false],
      [{families: [4, 6]}, true],
      [{uids: [1000, 7]}, true],
      [{uids: [7]}, false],
      [{netns: [4_026_531_840]}, true],
      [{netns: [1]}, false],
      [{comms: ['x', 'cu*']}, true],
      [{comms: ['cur']}, false],
      [{excludePids: [9, 10]}, false],
      [{excludePids: [9]}, true],
      [{excludeUids: [1000]}, false],
      [{excludeUids: [7]}, true],
      [{excludeNetns: [4_026_531_840]}, false],
      [{excludeNetns: [1]}, true],
      [{excludeComms: ['c?rl']}, false],
      [{excludeComms: ['curl?']}, true],
      [{pids: [10], endpoints: [portIs(443)], families: [4], events: ['connect']}, true],
      [{pids: [10], endpoints: [portIs(80)], families: [4], events: ['connect']}, false],
    ];
    for (const [filter, verdict] of cases)
      assert.equal(matches({...ALL, ...filter}, EVENT), verdict, JSON.stringify(filter));
  });

  it('a process matches as closer or as owner', () => {
    const close = {...CLOSE, pid: 10, owner_pid: 20};
    assert.deepEqual(
      [10, 20, 30].map((pid) => matches({...ALL, pids: [pid]}, close)),
      [true, true, false],
    );
  });

  it('include looks at caller and opener, exclude at the opener only', () => {
    const close = {...CLOSE, pid: 10, uid: 1, comm: 'closer', thread: 'pool', owner_uid: 2, owner_pid: 20};
    const includes = {pids: [10, 20, 30], uids: [1, 2, 3], comms: ['closer', 'parent', 'pool', 'x']} as const;
    for (const [name, values] of Object.entries(includes))
      for (const value of values)
        assert.equal(
          matches({...ALL, [name]: [value]}, close),
          ![30, 3, 'x'].includes(value),
          `${name} ${String(value)}`,
        );
    const excludes = {
      excludePids: [10, 20],
      excludeUids: [1, 2],
      excludeComms: ['closer', 'parent'],
    } as const;
    for (const [name, values] of Object.entries(excludes))
      for (const value of values)
        assert.equal(
          matches({...ALL, [name]: [value]}, close),
          ![20, 2, 'parent'].includes(value),
          `${name} ${String(value)}`,
        );
  });

  it('exclude looks at the caller if the opener is unknown', () => {
    const close = {...CLOSE, owner_pid: undefined, owner_comm: undefined, owner_uid: undefined};
    assert.equal(matches({...ALL, excludePids: [Number(CLOSE.pid)]}, close), false);
  });

  it('matches a close by the fields of the connect event of its inode', () => {
    const opened = {...CONNECT, uid: 7, thread: 'opener', container: 'c0', inode: 5};
    const close = {...CLOSE, uid: 8, thread: 'closer', owner_pid: undefined, owner_comm: undefined, inode: 5};
    const cases: Partial<Filter>[] = [
      {uids: [7]},
      {comms: ['opener']},
      {ownerPredicates: [include(hasContainer(['c0'], (party) => party))]},
    ];
    for (const filter of cases) {
      const isIncluded = createMatcher({...ALL, ...filter});
      assert.deepEqual([opened, close, close].map(isIncluded), [true, true, false]);
    }
    const isKept = createMatcher({...ALL, excludeUids: [8], events: ['close']});
    assert.deepEqual([opened, close, close].map(isKept), [false, true, false]);
    const other = {...close, pid: 99};
    assert.deepEqual([opened, other].map(createMatcher({...ALL, uids: [7]})), [true, false]);
  });

  it('a container matches by its name, or by a prefix of an id that is not its name', () => {
    const matchesIt = (text: string, container: string, container_name?: string): boolean =>
      hasContainer([text], () => ({container, container_name}))({});
    assert.ok(matchesIt('c0ff', 'c0ffee', 'web') && matchesIt('c0ff', 'c0ffee'));
    assert.ok(matchesIt('web', 'c0ffee', 'web') && matchesIt('web', 'web', 'web'));
    assert.ok(!matchesIt('web', 'c0ffee', 'web-2') && !matchesIt('web', 'web-2', 'web-2'));
  });

  it('unknown fields do not match', () => {
    const unknown = {...EVENT, pid: undefined, uid: undefined, comm: undefined, thread: undefined};
    for (const filter of [{pids: [10]}, {uids: [1000]}, {comms: ['*']}])
      assert.equal(matches({...ALL, ...filter}, unknown), false, JSON.stringify(filter));
    for (const filter of [{excludePids: [10]}, {excludeUids: [1000]}, {excludeComms: ['*']}])
      assert.equal(matches({...ALL, ...filter}, unknown), true, JSON.stringify(filter));
    assert.equal(matches({...ALL, endpoints: [portIs(1000)]}, {...EVENT, lport: undefined}), false);
    assert.equal(matches({...ALL, endpoints: [portIs(443)]}, {...EVENT, lport: undefined}), true);
  });

  it('lost events always match', () => {
    const never = [() => false];
    assert.ok(
      matches(
        {
          ...NO_FILTER,
          events: ['close'],
          pids: [1],
          families: [6],
          uids: [1],
          netns: [1],
          comms: ['x'],
          endpoints: [portIs(1)],
          ownerPredicates: never,
        },
        LOST,
      ),
    );
  });
});
