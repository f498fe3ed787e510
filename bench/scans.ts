import type {TracerProcess} from '#dist/cli/compare/tracer-process.js';

/** What each way says of its scans: one that takes longer than its interval makes fewer than were asked for. */
export function printScans(watchers: ReadonlyMap<string, TracerProcess>): void {
  console.log();
  for (const [way, {complaints}] of watchers)
    for (const complaint of complaints.filter((line) => /^\d+ scans of /.test(line)))
      console.log(`${way}: ${complaint}`);
}
