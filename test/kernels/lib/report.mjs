// report.mjs RESULTS LOGS KERNEL...: merges this run's results into the file RESULTS; prints failures, table and totals.
// report.mjs --markdown RESULTS KERNEL...: prints the results in the file as a Markdown table.
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';

import {resultsOf, skips} from './results.mjs';
import {markdown, plain} from './table.mjs';

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

const load = (file) => JSON.parse(read(file) || '[]');

const sorted = (results, kernels) =>
  kernels.flatMap((kernel) => results.filter((result) => result.kernel === kernel));

const collect = (logs, kernel) =>
  resultsOf({
    kernel,
    version: read(join(logs, `${kernel}.release`)).trim() || kernel,
    probes: read(join(logs, `${kernel}.probes`))
      .trim()
      .split(' '),
    output: read(join(logs, `${kernel}.out`)),
    trouble: read(join(logs, `${kernel}.trouble`)),
  });

const keep = (file, results) => {
  const again = new Set(results.map(({kernel, probe}) => `${kernel} ${probe}`));
  const others = load(file).filter(({kernel, probe}) => !again.has(`${kernel} ${probe}`));
  writeFileSync(file, `${JSON.stringify([...others, ...results], undefined, 2)}\n`);
};

const printFailures = (results) => {
  for (const {version, probe, failures} of results) {
    for (const {title, details} of failures) {
      console.log(`failed on ${version} with ${probe}: ${title}`);
      for (const text of details) console.log(`    ${text}`);
    }
  }
};

const count = (results) => {
  const total = (of) => results.reduce((sum, result) => sum + of(result), 0);
  const failed = total(({failures}) => failures.length);
  const skipped = total((result) => skips(result));
  console.log(
    `${total(({passed}) => passed)} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  );
  return failed;
};

const [first, second, ...kernels] = process.argv.slice(2);
if (first === '--markdown') {
  console.log(markdown(sorted(load(second), kernels)));
} else {
  const results = kernels.flatMap((kernel) => collect(second, kernel));
  keep(first, results);
  printFailures(results);
  console.log(`\n${plain(results)}\n`);
  process.exitCode = count(results) > 0 ? 1 : 0;
}
