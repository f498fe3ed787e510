import type {EndpointPredicate} from '#dist/filter/endpoints.js';

/** Passes if one of these ports is at either endpoint. */
export function portIs(...ports: number[]): EndpointPredicate {
  return {kind: 'include', tests: ports.map((port) => ({endpoint: 'either', ports: [port, port]}))};
}
