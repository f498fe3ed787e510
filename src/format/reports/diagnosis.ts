/** The report of `tcptrace doctor`. */
import type {Diagnosis} from '../../model/diagnosis.js';
import {formatFrame} from './frame.js';
import {formatDocument, type Report, type ReportOptions} from './report.js';
import {selectColumns, type TextColumn} from './text-table.js';

type Feature = Diagnosis['features'][number];

const COLUMNS: readonly TextColumn<Feature>[] = [
  {name: 'feature', title: 'FEATURE', align: 'left', read: ({name}) => name, least: 10},
  {name: 'works', title: 'WORKS', align: 'left', read: ({ok}) => (ok ? 'yes' : 'no')},
  {name: 'detail', title: 'DETAIL', align: 'left', read: ({detail}) => detail, least: 12},
];

export const DIAGNOSIS_COLUMN_NAMES = COLUMNS.map(({name}) => name);

const VERDICTS: Readonly<Record<string, string>> = {
  null: 'no eBPF probe works here; --proc shows what can be seen without',
  proc: 'no eBPF probe works here; --probe auto falls back to /proc',
};

function formatTable({kernel, arch, features, probe}: Diagnosis, options: ReportOptions): readonly string[] {
  const {paint} = options;
  const failure = VERDICTS[String(probe)];
  const verdict = paint.verdict(failure === undefined, failure ?? `--probe auto takes ${String(probe)}`);
  const frame = formatFrame(selectColumns(COLUMNS, options.columns), features, options, (text, {ok}, name) =>
    name === 'works' ? paint.verdict(ok, text) : text,
  );
  return [`Linux ${kernel} ${arch}\n`, frame, `${verdict}\n`];
}

export function reportDiagnosis(diagnosis: Diagnosis): Report {
  return {
    formatTable: (options) => formatTable(diagnosis, options),
    formatJson: () => formatDocument(diagnosis),
    records: diagnosis.features,
    fields: ['name', 'ok', 'detail'],
  };
}
