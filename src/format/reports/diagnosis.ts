import Table from 'cli-table3';
import type {Diagnosis} from '../../model/diagnosis.js';
import type {Paint} from '../../terminal/paint.js';
import {formatJson} from '../json.js';

const VERDICTS: Readonly<Record<string, string>> = {
  null: 'no eBPF probe works here; --proc shows what can be seen without',
  proc: 'no eBPF probe works here; --probe auto falls back to /proc',
};

/** Formats a diagnosis as a table, with a line feed at the end. */
export function formatDiagnosis({kernel, arch, features, probe}: Diagnosis, paint: Paint): string {
  const table = new Table({
    head: ['FEATURE', 'WORKS', 'DETAIL'].map((title) => paint.header(title)),
    style: {head: [], border: []},
    chars: {mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': ''},
  });
  for (const {name, ok, detail} of features) {
    table.push([name, paint.verdict(ok, ok ? 'yes' : 'no'), detail]);
  }
  const failure = VERDICTS[String(probe)];
  const verdict = paint.verdict(failure === undefined, failure ?? `--probe auto takes ${String(probe)}`);
  return `Linux ${kernel} ${arch}\n${table.toString()}\n${verdict}\n`;
}

/** Formats a diagnosis as one JSON document, with a line feed at the end. */
export function formatDiagnosisJson(diagnosis: Diagnosis): string {
  return `${formatJson(diagnosis, 2)}\n`;
}
