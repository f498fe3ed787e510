/** Filters of `tcptrace map`, which select connections by either of their sockets. */
import type {JoinedConnection} from '../../aggregate/join/connection.js';
import {createSocketMatcher, type SocketFilter} from '../../filter/filter.js';
import {type FilterFlags, readSocketFilter} from '../flags/filter.js';
import {readLiveFilter} from '../flags/live.js';

export interface MapFilter {
  readonly accepts: (connection: JoinedConnection) => boolean;
  /** Notices about surprising effects, one line each. */
  readonly remarks: readonly string[];
}

function isNegated(name: string): boolean {
  return name.startsWith('not-') || name === 'no-loopback';
}

/** Returns the flags of one kind; the others are as if they were not given. */
function pickFlags(flags: FilterFlags, negated: boolean): FilterFlags {
  const picked = Object.entries(flags).map(([name, value]: [string, unknown]) => [
    name,
    isNegated(name) === negated ? value : Array.isArray(value) ? [] : false,
  ]);
  return Object.fromEntries(picked) as FilterFlags;
}

function create(included: SocketFilter, excluded: SocketFilter): MapFilter['accepts'] {
  const [includes, allows] = [createSocketMatcher(included), createSocketMatcher(excluded)];
  return ({opener, acceptor}) => {
    const sides = [opener, acceptor].flatMap((side) => side?.first ?? []);
    return sides.some(includes) && sides.every(allows);
  };
}

/**
 * A connection passes if a filter includes one of its sockets and none excludes either of them.
 *
 * @param flags those of filters only
 * @param isLive checks the processes of this machine
 * @throws TcptraceError (usage) if a process does not exist
 */
export function readMapFilter(flags: FilterFlags, isLive: boolean): MapFilter {
  const [included, excluded] = [pickFlags(flags, false), pickFlags(flags, true)];
  if (!isLive) {
    return {
      accepts: create(readSocketFilter(included, false), readSocketFilter(excluded, false)),
      remarks: [],
    };
  }
  const [include, exclude] = [readLiveFilter(included), readLiveFilter(excluded)];
  return {
    accepts: create(include.filter, exclude.filter),
    remarks: [...include.remarks, ...exclude.remarks],
  };
}
