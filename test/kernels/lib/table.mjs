// Formats results as a table of kernels and probes, for a terminal or Markdown.
import {skips} from './results.mjs';

const order = ['kprobe', 'fentry', 'tracepoint'];

const cell = (result) => {
  if (result === undefined) return '-';
  const parts = [`${result.passed} passed`];
  if (result.failures.length > 0) parts.push(`${result.failures.length} failed`);
  if (skips(result) > 0) parts.push(`${skips(result)} skipped: ${Object.keys(result.skipped).join(', ')}`);
  return parts.join(', ');
};

const rows = (results) => {
  const probes = order.filter((name) => results.some(({probe}) => probe === name));
  const versions = new Map(results.map(({kernel, version}) => [kernel, version]));
  const find = (kernel, name) => results.find((result) => result.kernel === kernel && result.probe === name);
  const body = [...versions].map(([kernel, version]) => [
    version,
    ...probes.map((name) => cell(find(kernel, name))),
  ]);
  return [['kernel', ...probes], ...body];
};

export const markdown = (results) => {
  const [head, ...body] = rows(results);
  return [head, head.map(() => '---'), ...body].map((row) => `| ${row.join(' | ')} |`).join('\n');
};

export const plain = (results) => {
  const table = rows(results);
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const line = (row) => row.map((text, column) => text.padEnd(widths[column])).join('  ');
  return table.map((row) => line(row).trimEnd()).join('\n');
};
