/** What a program gives of a filter -> all of it, checked: nothing that is wrong may widen or empty it in silence. */
import {type EndpointPredicate, type EndpointTest, parseNetwork} from './endpoints.js';
import {usageError} from '../model/errors.js';
import {NO_FILTER, type SocketFilter} from './filter.js';
import {given, refuseUnknown, requireAll} from '../model/check-options.js';
import {NUMBER_LISTS} from './owners.js';

const GLOBS = ['comms', 'notComms'] as const;

const isNumber = (value: number): boolean =>
  Number.isSafeInteger(value) && value >= 0 && value <= 0xffff_ffff;
const isPort = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 0xffff;

function completeTest({network, ...test}: EndpointTest): EndpointTest {
  const {end, ports} = test;
  refuseUnknown('end', [end], ['local', 'remote', 'either']);
  if (ports !== undefined) {
    requireAll('ports', ports, isPort);
    if (ports[0] > ports[1]) throw usageError('ports: the smaller one comes first');
  }
  if (network === undefined) return test;
  return {...test, network: parseNetwork(`${network.address}/${String(network.prefixLength)}`)};
}

function completeEnds({isWanted, tests}: EndpointPredicate): EndpointPredicate {
  if (tests.length === 0) throw usageError('ends: a condition without tests');
  return {isWanted, tests: tests.map(completeTest)};
}

/** @throws TcptraceError (usage) where a value is wrong */
export function completeSocketFilter(partial?: Partial<SocketFilter>): SocketFilter {
  const filter = {...NO_FILTER, ...given(partial)};
  refuseUnknown('families', filter.families, [4, 6]);
  for (const name of NUMBER_LISTS) requireAll(name, filter[name], isNumber);
  for (const name of GLOBS) requireAll(name, filter[name], (glob) => typeof glob === 'string');
  return {...filter, ends: filter.ends.map(completeEnds)};
}
