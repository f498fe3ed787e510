/** Defines the columns of names that are looked up. */
import type {Names} from '../../model/event.js';
import {escapeText} from '../../terminal/escape.js';
import {type Column, placeContainer, UNKNOWN} from './cells.js';

export interface NameColumn extends Column {
  /** Initial width, in columns of the terminal. */
  readonly width: number;
  /** Its texts may be long, so it is the last column if possible. */
  readonly endsRow?: true;
  readonly read: (names: Names) => string;
}

const column = (title: string, width: number, get: (names: Names) => string | undefined): NameColumn => ({
  title,
  width,
  align: 'left',
  read(names) {
    const text = get(names);
    return text === undefined || text === '' ? UNKNOWN : escapeText(text);
  },
});

export const NAME_COLUMNS = {
  user: column('USER', 8, ({user}) => user),
  host: column('HOST', 20, ({raddr_name}) => raddr_name),
  service: column('SERVICE', 8, ({service}) => service),
  container: column('CONTAINER', 12, ({container}) => container),
  'container-path': column('CONTAINER-PATH', 14, ({container_path}) => container_path),
  'container-name': column('CONTAINER-NAME', 14, ({container_name}) => container_name),
  pod: column('POD', 12, ({pod}) => pod),
  'pod-namespace': column('POD-NAMESPACE', 13, ({pod_namespace}) => pod_namespace),
  cgroup: column('CGROUP', 20, ({cgroup}) => cgroup),
  'peer-container': column('PEER-CONTAINER', 14, ({peer_container}) => peer_container),
  'peer-container-name': column('PEER-CONTAINER-NAME', 19, ({peer_container_name}) => peer_container_name),
  'peer-pod': column('PEER-POD', 12, ({peer_pod}) => peer_pod),
  'peer-pod-namespace': column('PEER-POD-NAMESPACE', 18, ({peer_pod_namespace}) => peer_pod_namespace),
  args: {...column('ARGS', 20, ({args}) => args), endsRow: true},
} as const satisfies Record<string, NameColumn>;

export type NameColumnName = keyof typeof NAME_COLUMNS;

/** Kinds of names that can be looked up. */
export const NAME_KINDS = ['users', 'hosts', 'containers', 'args'] as const;

export type NameKind = (typeof NAME_KINDS)[number];

/** Columns of the wide table: one for each field. */
export const COLUMNS_OF_NAMES: Readonly<Record<NameKind, readonly NameColumnName[]>> = {
  users: ['user'],
  hosts: ['host', 'service'],
  containers: ['container', 'container-path', 'container-name', 'pod', 'pod-namespace', 'cgroup'],
  args: ['args'],
};

/** Columns of the wide table for containers at the remote endpoint. */
export const PEER_COLUMNS: readonly NameColumnName[] = [
  'peer-container',
  'peer-container-name',
  'peer-pod',
  'peer-pod-namespace',
];

const PLACE = column('CONTAINER', 12, placeContainer);

/** Columns of other tables, which join related fields. */
export const BRIEF_COLUMNS: Readonly<Record<NameKind, readonly NameColumn[]>> = {
  users: [NAME_COLUMNS.user],
  hosts: [NAME_COLUMNS.host, NAME_COLUMNS.service],
  containers: [PLACE, NAME_COLUMNS.cgroup],
  args: [NAME_COLUMNS.args],
};

/** Columns of processes in `top`, which has little space. */
export const PROCESS_COLUMNS: Readonly<Record<NameKind, readonly NameColumn[]>> = {
  ...BRIEF_COLUMNS,
  hosts: [],
  containers: [PLACE],
};
