/** Prints results as a Markdown table and writes them as JSON. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {cpus, release} from 'node:os';
import path from 'node:path';
import {quantile} from '#dist/compare/quantile.js';
import {ROOT} from '../test/helpers/machine.js';

export type Row = Readonly<Record<string, string | number>>;

/** Describes the machine and the date of a measurement. */
export function machine(): string {
  return `Linux ${release()}, ${String(cpus().length)} CPUs, ${new Date().toISOString().slice(0, 10)}`;
}

export interface Report {
  readonly name: string;
  readonly machine: string;
  readonly rows: readonly Row[];
}

/** Prefix of the line with a report from a virtual machine. */
export const REPORT_PREFIX = 'bench-report: ';

/** Prints the rows, and writes them to build/bench-results/NAME.json. */
export function publish({name, machine, rows}: Report): void {
  const titles = Object.keys(rows[0] ?? {});
  const lines = [
    titles,
    titles.map(() => '---'),
    ...rows.map((row) => titles.map((title) => row[title] ?? '')),
  ];
  console.log(`\n${name}: ${machine}\n`);
  for (const cells of lines) console.log(`| ${cells.join(' | ')} |`);
  const folder = path.join(ROOT, 'build/bench-results');
  mkdirSync(folder, {recursive: true});
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify({machine, rows}, null, 2)}\n`);
}

/** Publishes a report. A virtual machine prints it for its host instead. */
export function report(name: string, rows: readonly Row[]): void {
  const found: Report = {name, machine: machine(), rows};
  if (process.env.TCPTRACE_VM === '1') console.log(REPORT_PREFIX + JSON.stringify(found));
  else publish(found);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Rounds to `digits` decimal places. */
export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
