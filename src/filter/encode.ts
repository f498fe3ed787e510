import type {Follow, Probe, TracerOptions} from '../kernel/binding.js';
import {EventType} from '../kernel/layout.js';
import type {Predicate} from './match-subject.js';
import {compileEnds, type EndpointPredicate} from './endpoints.js';
import type {EventKind} from '../model/event.js';
import type {Filter, SocketFilter} from './filter.js';
import {compileOwners} from './owners.js';
import {divideOwners, MAX_FILTER_VALUES} from './kernel-owners.js';

/** Bounds of what a tracer keeps in the kernel. */
export interface KernelLimits {
  /** Ring buffer, in bytes; rounded up to a power of two pages. */
  readonly bufferSizeBytes: number;
  /** Live connections that are remembered. */
  readonly maxConnections: number;
  /** File with the running kernel's types, where they are not in the usual place. */
  readonly btfPath?: string;
  /** Descriptor of the output: the trace ends when its reader has gone away, be there events or not. */
  readonly outputFd?: number;
}

/** Most conditions of ends (bits of wanted_ends). */
const MAX_END_CONDITIONS = 32;

/** `lost` is no record: it is counted whatever is wanted. */
const EVENT_BITS = {
  connect: 1 << EventType.CONNECT,
  accept: 1 << EventType.ACCEPT,
  close: 1 << EventType.CLOSE,
  fail: 1 << EventType.FAIL,
  open: 1 << EventType.OPEN,
  lost: 0,
} satisfies Record<EventKind, number>;

const FAMILY_BITS = {4: 1, 6: 2} as const;
const ALL_FAMILIES = 3;

/** @returns those that the kernel has room for, and those that are for behind it */
export function divideEnds(ends: readonly EndpointPredicate[]): {
  readonly inKernel: readonly EndpointPredicate[];
  readonly behind: readonly EndpointPredicate[];
} {
  const inKernel: EndpointPredicate[] = [];
  const behind: EndpointPredicate[] = [];
  let room = MAX_FILTER_VALUES;
  for (const condition of ends) {
    const fits = condition.tests.length <= room && inKernel.length < MAX_END_CONDITIONS;
    if (fits) room -= condition.tests.length;
    (fits ? inKernel : behind).push(condition);
  }
  return {inKernel, behind};
}

/** What the kernel does not decide of a filter. */
export function toPredicates(filter: SocketFilter): readonly Predicate[] {
  return [
    ...compileOwners(divideOwners(filter).behind),
    ...divideEnds(filter.ends).behind.map(compileEnds),
    ...filter.ownerPredicates,
  ];
}

/** What the addon is to do, so that what nobody wants never leaves the kernel. */
export function toTracerOptions(
  probe: Probe,
  filter: Omit<Filter, 'ownerPredicates'>,
  limits: KernelLimits,
  follow?: Follow,
): TracerOptions {
  return {
    probe,
    ...limits,
    events: filter.events.reduce((bits, kind) => bits | EVENT_BITS[kind], 0),
    families: filter.families.reduce((bits, family) => bits | FAMILY_BITS[family], 0) || ALL_FAMILIES,
    ...divideOwners(filter).inKernel,
    ends: divideEnds(filter.ends).inKernel,
    ...(follow && {follow}),
  };
}
