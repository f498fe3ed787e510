import type {EndCondition} from '#dist/model/end-condition.js';

/** One of these ports is at either end. */
export function portIs(...ports: number[]): EndCondition {
  return {isWanted: true, tests: ports.map((port) => ({end: 'either', ports: [port, port]}))};
}
