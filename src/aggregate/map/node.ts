/** The nodes of a map: groups of processes, and peers that no event describes. */
import type {Names} from '../../model/event.js';
import {isLoopback} from '../../model/basics/loopback.js';

export const MAP_GROUPINGS = ['process', 'program', 'unit', 'container', 'pod', 'host'] as const;

export type MapGrouping = (typeof MAP_GROUPINGS)[number];

/** `address`, `network` and `name` are peers outside of the recorded hosts; `others` is everything beyond the limit. */
export type NodeKind = MapGrouping | 'address' | 'network' | 'name' | 'others';

/** A process at a socket, and its place. */
export interface Place extends Pick<
  Names,
  'cgroup' | 'container' | 'container_name' | 'pod' | 'pod_namespace'
> {
  readonly host?: string | undefined;
  readonly pid?: number | undefined;
  readonly comm?: string | undefined;
}

/** The group of processes, or the peer, that a node stands for. All texts are untrusted. */
export interface NodeSubject extends Place {
  readonly kind: NodeKind;
  /** Identifies the node among all nodes of the map. */
  readonly key: string;
  /** Program, unit, container, pod, host, address, network or host name; undefined if unknown. */
  readonly name: string | undefined;
}

function subject(kind: NodeKind, name: string | undefined, place: Place, ...keys: unknown[]): NodeSubject {
  return {kind, key: JSON.stringify([kind, ...keys]), name, ...place};
}

/** Returns the node of the host, which also stands for its processes outside of units, containers and pods. */
export function hostNode(host: string | undefined): NodeSubject {
  return subject('host', host, {host}, host);
}

/** Returns the systemd unit of a cgroup: the last component that names a service, scope or other unit. */
function unitOf(cgroup: string | undefined): string | undefined {
  return cgroup
    ?.split('/')
    .findLast((component) => /\.(?:service|scope|socket|mount|swap|slice)$/.test(component));
}

function ofProcess(place: Place): NodeSubject {
  const {host, pid, comm, container, container_name, pod, pod_namespace} = place;
  if (pid === undefined && comm === undefined) return hostNode(host);
  const own = {host, pid, comm, container, container_name, pod, pod_namespace};
  return subject('process', comm, own, host, pid ?? comm);
}

function ofContainer({host, container, container_name, pod, pod_namespace}: Place): NodeSubject {
  if (container === undefined) return hostNode(host);
  const own = {host, container, container_name, pod, pod_namespace};
  return subject('container', container_name ?? container, own, host, container);
}

function ofPod({host, pod, pod_namespace}: Place): NodeSubject {
  return pod === undefined ? hostNode(host) : subject('pod', pod, {pod, pod_namespace}, pod_namespace, pod);
}

function ofUnit({host, cgroup}: Place): NodeSubject {
  const unit = unitOf(cgroup);
  return unit === undefined ? hostNode(host) : subject('unit', unit, {host}, host, unit);
}

function ofProgram({host, comm}: Place): NodeSubject {
  return comm === undefined ? hostNode(host) : subject('program', comm, {comm}, comm);
}

const NODES: Readonly<Record<MapGrouping, (place: Place) => NodeSubject>> = {
  process: ofProcess,
  program: ofProgram,
  unit: ofUnit,
  container: ofContainer,
  pod: ofPod,
  host: ({host}) => hostNode(host),
};

/** Returns the node of a process. Programs and pods are the same node on every host. */
export function nodeOf(grouping: MapGrouping, place: Place): NodeSubject {
  return NODES[grouping](place);
}

export const OTHER_NODES: NodeSubject = subject('others', undefined, {});

/** A peer that no event describes. */
export interface Remote {
  readonly address: string;
  /** Its name, if it was looked up. */
  readonly name: string | undefined;
  /** Host that saw it. */
  readonly seenBy: string | undefined;
}

/** @param networkOf returns the network that stands for an address; undefined keeps addresses apart */
export function remoteNode(
  {address, name, seenBy}: Remote,
  networkOf?: (address: string) => string,
): NodeSubject {
  // a process of the same host, such as one that did not accept the connection
  if (isLoopback(address)) return hostNode(seenBy);
  if (name !== undefined) return subject('name', name, {}, name);
  if (networkOf === undefined) return subject('address', address, {}, address);
  const network = networkOf(address);
  return subject('network', network, {}, network);
}
