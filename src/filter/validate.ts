/** Validates filters: an invalid value would silently widen or empty them. */
import {
  dropUndefined,
  refuseUnknown,
  requireAll,
  requireObject,
  requireValid,
} from '../model/check-options.js';
import {usageError} from '../model/errors.js';
import {EVENT_KINDS, type EventKind} from '../model/event.js';
import {MAX_PORT, MAX_UINT32} from '../model/limits.js';
import type {CgroupTest} from './cgroup-tests.js';
import {type EndpointPredicate, type EndpointTest, parseNetwork} from './endpoints.js';
import {type Filter, NO_FILTER, type SocketFilter} from './filter.js';
import {checkGlob} from './glob.js';
import {NUMBER_LISTS} from './owners.js';

const GLOBS = ['comms', 'excludeComms'] as const;
const PROPERTIES = Object.keys(NO_FILTER);

/** Least value of each list: 0 means unknown in the kernel's records, except for users. */
const MIN = {pids: 1, excludePids: 1, uids: 0, excludeUids: 0, netns: 1, excludeNetns: 1} as const;

const isText = (value: unknown): boolean => typeof value === 'string';
const isCgroupTest = (test: Partial<CgroupTest>): boolean =>
  (test.kind === 'include' || test.kind === 'exclude') &&
  typeof test.matches === 'function' &&
  typeof test.isKnown === 'function';
const isPort = (value: unknown): boolean =>
  Number.isInteger(value) && isBetween(value as number, 1, MAX_PORT);

function isBetween(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}

function completePorts(ports: EndpointTest['ports']): void {
  if (ports === undefined) return;
  requireAll('ports', ports, isPort);
  requireValid('ports', ports, ({length}) => (length as number) === 2);
  if (ports[0] > ports[1]) throw usageError('ports: the smaller one comes first');
}

function completeTest(test: EndpointTest): EndpointTest {
  requireObject('endpoint test', test, ['endpoint', 'network', 'ports']);
  const {endpoint, network, ports} = test;
  refuseUnknown('endpoint', [endpoint], ['local', 'remote', 'either']);
  completePorts(ports);
  if (network === undefined) return test;
  requireObject('network', network, ['address', 'prefixLength', 'zone']);
  requireValid('network', network.address, isText);
  requireValid('network', network.prefixLength, Number.isInteger);
  requireValid('network', network.zone ?? '', isText);
  const zone = network.zone === undefined ? '' : `%${network.zone}`;
  return {...test, network: parseNetwork(`${network.address}${zone}/${String(network.prefixLength)}`)};
}

function completePredicate(predicate: EndpointPredicate): EndpointPredicate {
  requireObject('endpoints', predicate, ['kind', 'tests']);
  const {kind, tests} = predicate;
  refuseUnknown('kind', [kind], ['include', 'exclude']);
  requireAll('tests', tests, (test) => typeof test === 'object');
  if (tests.length === 0) throw usageError('endpoints: a predicate without tests');
  return {kind, tests: tests.map(completeTest)};
}

/**
 * Completes and validates a filter. The library, the command line and recordings all use it.
 *
 * @throws TcptraceError (usage)
 */
export function completeSocketFilter(partial: Partial<SocketFilter> = {}): SocketFilter {
  requireObject('filter', partial, PROPERTIES);
  const filter = {...NO_FILTER, ...dropUndefined(partial)};
  refuseUnknown('families', filter.families, [4, 6]);
  for (const name of NUMBER_LISTS)
    requireAll(name, filter[name], (it) => Number.isInteger(it) && isBetween(it, MIN[name], MAX_UINT32));
  for (const name of GLOBS) {
    requireAll(name, filter[name], isText);
    filter[name].forEach(checkGlob);
  }
  requireAll('ownerPredicates', filter.ownerPredicates, (predicate) => typeof predicate === 'function');
  requireAll('cgroupTests', filter.cgroupTests, isCgroupTest);
  requireValid('endpoints', filter.endpoints, Array.isArray);
  return {...filter, endpoints: filter.endpoints.map(completePredicate)};
}

/**
 * Completes and validates a filter of events.
 *
 * @param otherwise kinds of events if the filter has no `events`
 * @throws TcptraceError (usage)
 */
export function completeFilter(partial: Partial<Filter> = {}, otherwise: readonly EventKind[]): Filter {
  requireObject('filter', partial, ['events', ...PROPERTIES]);
  const {events = otherwise, ...sockets} = partial;
  refuseUnknown('events', events, EVENT_KINDS);
  if (events.length === 0) throw usageError('events is empty', 'omit it for all kinds');
  return {...completeSocketFilter(sockets), events};
}
