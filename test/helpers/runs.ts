/** How often something is tried. */
const {FAULTS, FUZZ_RUNS} = process.env;

/** @param usual unless FUZZ_RUNS says how many (npm run fuzz) */
export function runs(usual = 100): {readonly numRuns: number} {
  return {numRuns: FUZZ_RUNS === undefined ? usual : Number(FUZZ_RUNS)};
}

/** @param usual unless FAULTS is set (npm run test:faults) */
export function faults(usual: number, all: number): number {
  return FAULTS === undefined ? usual : all;
}
