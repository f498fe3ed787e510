/** Looks up names for the rows of `tcptrace top` without blocking the screen. */
import {type Containers, createContainers} from '../../enrich/containers.js';
import {isOwn, peerNames} from '../../enrich/enrich.js';
import {createNamer, type NameLookups} from '../../enrich/namer.js';
import {isIncoming, type ConnectionEvent, type Names, type TraceEvent} from '../../model/event.js';
import type {Activity} from '../../aggregate/activity-row.js';
import type {Grouping} from '../../aggregate/activity.js';
import type {ContainerSubject, UserSubject} from '../../aggregate/subject.js';
import {memoize} from '../../model/basics/memo.js';
import {findLocalUser} from '../../procfs/users.js';

export interface RowNames {
  /** Returns false for connections that the lookups themselves make. */
  readonly counts: (event: TraceEvent) => boolean;
  /** Looks up the names of a new process. */
  readonly ofProcess?: (first: ConnectionEvent) => Names;
  /** Finds the container of an event's process. */
  readonly containerOf: (event: ConnectionEvent) => ContainerSubject;
  readonly userOf: (event: ConnectionEvent) => UserSubject;
  /** Returns the rows with the names known so far. */
  readonly complete: (rows: readonly Activity[], grouping: Grouping) => readonly Activity[];
  /** Looks up missing names of these rows; waits at most the given milliseconds. */
  readonly settle: (rows: readonly Activity[], budgetMs: number) => Promise<void>;
  readonly close: () => void;
}

/** Looks up containers; also without --containers, because a grouping needs them. */
function createContainerOf(): RowNames['containerOf'] {
  let containers: Containers | undefined;
  return (event) => {
    containers ??= createContainers();
    const {container, container_name, pod, pod_namespace} = containers.describe(event);
    return {kind: 'container', container, container_name, pod, pod_namespace};
  };
}

/** Names users as passwd(5) does; without getent(1), which may take seconds. */
function createUserOf(): RowNames['userOf'] {
  const nameOf = memoize((uid: number) => findLocalUser(uid)?.name);
  return ({uid}) => ({kind: 'user', uid, user: uid === undefined ? undefined : nameOf(uid)});
}

const NOTHING: Omit<RowNames, 'containerOf' | 'userOf'> = {
  counts: () => true,
  complete: (rows) => rows,
  settle: () => Promise.resolve(),
  close: () => undefined,
};

/** Names of the container; its daemon may have answered in the meantime. */
function isUnnamed({container, container_name}: Names): boolean {
  return container !== undefined && container_name === undefined;
}

export function createRowNames(wanted: NameLookups | undefined): RowNames {
  const subjects = {containerOf: createContainerOf(), userOf: createUserOf()};
  if (wanted === undefined) return {...NOTHING, ...subjects};
  const namer = createNamer(wanted);

  /** Omits the service: a client's port means nothing, and a server may have many ports. */
  function ofRemote(first: ConnectionEvent): Names {
    const {raddr_name, service} = namer.ofEndpoints(first);
    return isIncoming(first) ? {raddr_name} : {raddr_name, service};
  }

  function complete(row: Activity, grouping: Grouping): Activity {
    const {first, withPeer, names = {}} = row;
    if (first === undefined) return row;
    if (grouping === 'remote') return {...row, names: ofRemote(first)};
    if (grouping === 'connection') {
      const ofPeer = withPeer && wanted?.containers === true ? peerNames(namer, withPeer) : {};
      return {...row, names: {...namer.ofProcess(first), ...namer.ofEndpoints(first), ...ofPeer}};
    }
    if (grouping !== 'process') return row;
    return wanted?.containerNames === true && isUnnamed(names)
      ? {...row, names: namer.ofProcess(first)}
      : row;
  }

  return {
    counts: (event) => !wanted.hosts || !isOwn(event),
    ofProcess: namer.ofProcess,
    ...subjects,
    complete: (rows, grouping) => rows.map((row) => complete(row, grouping)),
    settle: (rows, budgetMs) =>
      namer.settle(
        rows.flatMap(({first}) => first ?? []),
        budgetMs,
      ),
    close: namer.close,
  };
}
