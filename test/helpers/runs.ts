/** Numbers of repetitions. */
const {FAULTS, FUZZ_RUNS} = process.env;

/** Options of a property test. @param usual number of runs unless FUZZ_RUNS is set (npm run fuzz) */
export function runs(usual = 100): {readonly numRuns: number} {
  return {numRuns: FUZZ_RUNS === undefined ? usual : Number(FUZZ_RUNS)};
}

/** Number of faults to inject. @param usual number unless FAULTS is set (npm run test:faults) */
export function faults(usual: number, all: number): number {
  return FAULTS === undefined ? usual : all;
}
