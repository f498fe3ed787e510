import type {EndpointPredicate} from '#dist/filter/endpoints.js';

/** One of these ports is at either end. */
export function portIs(...ports: number[]): EndpointPredicate {
  return {isWanted: true, tests: ports.map((port) => ({end: 'either', ports: [port, port]}))};
}
