import type {TracerProcess} from '#dist/cli/compare/tracer-process.js';

/** Prints the number and duration of each tracer's /proc scans; a slow scan delays the next. */
export function printScans(watchers: ReadonlyMap<string, TracerProcess>): void {
  console.log();
  for (const [name, {problems}] of watchers)
    for (const problem of problems.filter((line) => /^\d+ scans of /.test(line)))
      console.log(`${name}: ${problem}`);
}
