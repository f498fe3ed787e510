import type {Names} from '../../model/event.js';
import {getText} from './json.js';

export type ContainerNames = Pick<Names, 'container_name' | 'pod' | 'pod_namespace'>;

/** Returns the first of several labels that exists. */
function label(labels: unknown, ...keys: readonly string[]): string | undefined {
  return keys.map((key) => getText(labels, key)).find((text) => text !== undefined);
}

/** Reads labels of a container, or annotations of its OCI bundle, that runtimes and the kubelet write. */
export function fromLabels(labels: unknown): ContainerNames {
  return {
    container_name: label(
      labels,
      'io.kubernetes.cri.container-name',
      'io.kubernetes.container.name',
      'nerdctl/name',
      'io.podman.annotations.container.name',
    ),
    pod: label(labels, 'io.kubernetes.cri.sandbox-name', 'io.kubernetes.pod.name'),
    pod_namespace: label(labels, 'io.kubernetes.cri.sandbox-namespace', 'io.kubernetes.pod.namespace'),
  };
}
