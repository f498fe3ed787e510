// A mocha reporter for the virtual machine: one line per test, then what went wrong, each with a mark that the host looks for.
import process from 'node:process';
import {inspect} from 'node:util';

const line = (text) => process.stdout.write(`${text}\n`);
const title = (test) => test.fullTitle().replaceAll(/\s+/g, ' ');

const reason = (test) => {
  for (let node = test; node; node = node.parent) {
    if (node.skipReason) return String(node.skipReason).replaceAll(/\s+/g, ' ');
  }

  return 'no reason given';
};

const details = (error) => {
  const parts = [error.stack ?? String(error)];
  // A message that assert made up itself shows both already.
  if (!error.generatedMessage && 'actual' in error && 'expected' in error) {
    parts.push(`actual: ${inspect(error.actual)}`, `expected: ${inspect(error.expected)}`);
  }

  if (error.cause !== undefined) parts.push(`cause: ${error.cause.stack ?? String(error.cause)}`);
  return parts.join('\n').split('\n');
};

export default class Reporter {
  constructor(runner) {
    runner.on('test', (test) => line(`TCPTRACE-START: ${title(test)}`));
    runner.on('pass', (test) => line(`TCPTRACE-PASS: ${title(test)} (${test.duration} ms)`));
    runner.on('pending', (test) => line(`TCPTRACE-SKIP: ${title(test)}\t${reason(test)}`));
    runner.on('fail', (test, error) => {
      line(`TCPTRACE-FAIL: ${title(test)}`);
      for (const text of details(error)) line(`TCPTRACE-DETAIL: ${text}`);
    });
  }
}
