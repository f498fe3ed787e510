import assert from 'node:assert/strict';
import {createMatcher, type Filter, NO_FILTER} from '#dist/filter/filter.js';
import type {TraceEvent} from '#dist/model/event.js';
import {portIs} from '../helpers/ends.js';
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
      [{ends: [portIs(443)]}, true],
      [{ends: [portIs(80, 1000)]}, true],
      [{ends: [portIs(80, 44)]}, false],
      [{families: [4]}, true],
      [{families: [6]}, false],
      [{families: [4, 6]}, true],
      [{uids: [1000, 7]}, true],
      [{uids: [7]}, false],
      [{netns: [4_026_531_840]}, true],
      [{netns: [1]}, false],
      [{comms: ['x', 'cu*']}, true],
      [{comms: ['cur']}, false],
      [{notPids: [9, 10]}, false],
      [{notPids: [9]}, true],
      [{notUids: [1000]}, false],
      [{notUids: [7]}, true],
      [{notNetns: [4_026_531_840]}, false],
      [{notNetns: [1]}, true],
      [{notComms: ['c?rl']}, false],
      [{notComms: ['curl?']}, true],
      [{pids: [10], ends: [portIs(443)], families: [4], events: ['connect']}, true],
      [{pids: [10], ends: [portIs(80)], families: [4], events: ['connect']}, false],
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

  it('unknown fields do not match', () => {
    const unknown = {...EVENT, pid: undefined, uid: undefined, comm: undefined};
    for (const filter of [{pids: [10]}, {uids: [1000]}, {comms: ['*']}])
      assert.equal(matches({...ALL, ...filter}, unknown), false, JSON.stringify(filter));
    for (const filter of [{notPids: [10]}, {notUids: [1000]}, {notComms: ['*']}])
      assert.equal(matches({...ALL, ...filter}, unknown), true, JSON.stringify(filter));
    assert.equal(matches({...ALL, ends: [portIs(1000)]}, {...EVENT, lport: undefined}), false);
    assert.equal(matches({...ALL, ends: [portIs(443)]}, {...EVENT, lport: undefined}), true);
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
          ends: [portIs(1)],
          ownerPredicates: never,
        },
        LOST,
      ),
    );
  });
});
