/** Looks up names of processes and remote endpoints. Lookups take bounded time and never fail; unknown names are omitted. */
import type {Names} from '../model/event.js';
import {memoize} from '../model/basics/memo.js';
import {findLocalUser} from '../procfs/users.js';
import {createCommandLines} from './command-lines.js';
import {createContainers} from './containers.js';
import {createDaemons} from './daemons.js';
import {createHosts} from './hosts.js';
import {readServices} from './services.js';
import type {Subject} from './subject.js';

/** Kinds of names to look up. */
export interface NameLookups {
  readonly users: boolean;
  readonly args: boolean;
  readonly containers: boolean;
  /** Asks the container daemons, too. */
  readonly containerNames?: boolean;
  /** Looks up hosts and services. */
  readonly hosts: boolean;
  /** Receives notices about failed lookups. */
  readonly say?: (notice: string) => void;
}

type NamesOf = (subject: Subject) => Names;

/** A lookup of one kind of names; slow ones need settle() before, and close() at the end. */
interface Lookup {
  readonly namesOf: NamesOf;
  readonly settle?: (subjects: readonly Subject[], budgetMs: number) => Promise<void>;
  readonly close?: () => void;
}

export interface Namer {
  /** Returns user, command line and container, as far as known. */
  readonly ofProcess: NamesOf;
  /** Returns host and service of the remote endpoint, as far as known. */
  readonly ofEndpoints: NamesOf;
  /** Runs slow lookups; waits at most `budgetMs` milliseconds. */
  readonly settle: (subjects: readonly Subject[], budgetMs: number) => Promise<void>;
  /** Aborts pending lookups. */
  readonly close: () => void;
}

function createUserLookup(): Lookup {
  const nameOf = memoize((uid: number) => ({user: findLocalUser(uid)?.name}));
  return {namesOf: ({uid}) => (uid === undefined ? {} : nameOf(uid))};
}

function createArgsLookup(): Lookup {
  const lineOf = createCommandLines();
  return {namesOf: (subject) => ({args: lineOf(subject)})};
}

/** Asks daemons for names that the files of the runtimes do not contain. */
function createContainerLookup({containerNames = false, say = () => undefined}: NameLookups): Lookup {
  const {describe} = createContainers();
  if (!containerNames) return {namesOf: describe};
  const daemons = createDaemons(say);
  const unnamed = ({container, container_name}: Names): string | undefined =>
    container_name === undefined ? container : undefined;
  return {
    namesOf(subject) {
      const names = describe(subject);
      const id = unnamed(names);
      return id === undefined ? names : {...names, ...daemons.get(id)};
    },
    settle(subjects, budgetMs) {
      const ids = subjects.flatMap((subject) => unnamed(describe(subject)) ?? []);
      return daemons.settle(new Set(ids), budgetMs);
    },
    close: daemons.close,
  };
}

function createHostLookup(): Lookup {
  const hosts = createHosts();
  return {
    namesOf: ({raddr}) => ({raddr_name: raddr === undefined ? undefined : hosts.get(raddr)}),
    settle: (subjects, budgetMs) =>
      hosts.settle(new Set(subjects.flatMap(({raddr}) => raddr ?? [])), budgetMs),
    close: hosts.close,
  };
}

/** Names the service by the port of the server: local for accepted connections and listeners, else remote. */
function createServiceLookup(): Lookup {
  const services = readServices();
  return {
    namesOf({lport, raddr, rport, direction}) {
      const port = direction === 'in' || raddr === undefined ? lport : rport;
      return {service: port === undefined ? undefined : services.get(port)};
    },
  };
}

function combine(lookups: readonly Lookup[]): NamesOf {
  return (subject) => {
    const names: Names = {};
    for (const {namesOf} of lookups) Object.assign(names, namesOf(subject));
    return names;
  };
}

export function createNamer(lookups: NameLookups): Namer {
  const ofProcess = [
    ...(lookups.users ? [createUserLookup()] : []),
    ...(lookups.args ? [createArgsLookup()] : []),
    ...(lookups.containers ? [createContainerLookup(lookups)] : []),
  ];
  const ofEndpoints = lookups.hosts ? [createHostLookup(), createServiceLookup()] : [];
  const all = [...ofProcess, ...ofEndpoints];
  return {
    ofProcess: combine(ofProcess),
    ofEndpoints: combine(ofEndpoints),
    async settle(subjects, budgetMs) {
      await Promise.all(all.flatMap(({settle}) => settle?.(subjects, budgetMs) ?? []));
    },
    close() {
      for (const {close} of all) close?.();
    },
  };
}
