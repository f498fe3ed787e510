/** How often a property is tried. */
const {FUZZ_RUNS} = process.env;

/** @param usual unless FUZZ_RUNS says how many (npm run fuzz) */
export function runs(usual = 100): {readonly numRuns: number} {
  return {numRuns: FUZZ_RUNS === undefined ? usual : Number(FUZZ_RUNS)};
}
