/** What was looked up, as columns of tables. */
import type {Names} from '../model/event.js';
import {escapeText} from '../terminal/escape.js';
import {type Column, UNKNOWN} from './cells.js';

export interface NameColumn extends Column {
  /** Room that is kept free from the start, in columns of the terminal. */
  readonly width: number;
  /** It may be long, so it comes last where there is a choice. */
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

/** As much of a container's id as people write. */
const SHORT_ID = 12;

/** Its name, or else how its id begins. */
export function nameContainer({container, container_name}: Names): string | undefined {
  return container_name ?? container?.slice(0, SHORT_ID);
}

/** `namespace/pod`, or as much of that as is known. */
export function namePod({pod, pod_namespace}: Names): string | undefined {
  return pod_namespace === undefined || pod === undefined ? pod : `${pod_namespace}/${pod}`;
}

/** `namespace/pod/container` */
function placeContainer(names: Names): string | undefined {
  const [pod, container] = [namePod(names), nameContainer(names)];
  return pod === undefined || container === undefined ? container : `${pod}/${container}`;
}

export const NAME_COLUMNS = {
  user: column('USER', 8, ({user}) => user),
  host: column('HOST', 20, ({raddr_name}) => raddr_name),
  service: column('SERVICE', 8, ({service}) => service),
  container: column('CONTAINER', 12, ({container}) => container),
  'container-name': column('CONTAINER-NAME', 14, ({container_name}) => container_name),
  pod: column('POD', 12, ({pod}) => pod),
  'pod-namespace': column('POD-NAMESPACE', 13, ({pod_namespace}) => pod_namespace),
  cgroup: column('CGROUP', 20, ({cgroup}) => cgroup),
  args: {...column('ARGS', 20, ({args}) => args), endsRow: true},
} as const satisfies Record<string, NameColumn>;

export type NameColumnName = keyof typeof NAME_COLUMNS;

/** What can be looked up. */
export const NAME_KINDS = ['users', 'hosts', 'containers', 'args'] as const;

export type NameKind = (typeof NAME_KINDS)[number];

/** Every field in a column of its own. */
export const COLUMNS_OF_NAMES: Readonly<Record<NameKind, readonly NameColumnName[]>> = {
  users: ['user'],
  hosts: ['host', 'service'],
  containers: ['container', 'container-name', 'pod', 'pod-namespace', 'cgroup'],
  args: ['args'],
};

const PLACE = column('CONTAINER', 12, placeContainer);

/** The same for looking. */
export const BRIEF_COLUMNS: Readonly<Record<NameKind, readonly NameColumn[]>> = {
  users: [NAME_COLUMNS.user],
  hosts: [NAME_COLUMNS.host, NAME_COLUMNS.service],
  containers: [PLACE, NAME_COLUMNS.cgroup],
  args: [NAME_COLUMNS.args],
};

/** The same where there is little room. */
export const PROCESS_COLUMNS: Readonly<Record<NameKind, readonly NameColumn[]>> = {
  ...BRIEF_COLUMNS,
  hosts: [],
  containers: [PLACE],
};
