/** The output formats. A new format is a file of this folder and an entry here. */
import type {ColorSupportLevel} from 'chalk';
import type {ColumnName} from './table/columns.js';
import type {Formatter} from './formatter.js';
import type {NameColumnName} from './table/name-columns.js';
import {type NetnsNamer, notationOf} from './notation.js';
import type {Report, ReportOptions} from './reports/report.js';
import type {TimeStyle} from './times.js';

/** Flags that change a format. */
export interface FormatOptions {
  /** Columns of the table; undefined shows as many as fit. */
  readonly columns: readonly ColumnName[] | undefined;
  readonly time: TimeStyle;
  /** Columns of the wide table for looked-up names. */
  readonly nameColumns: readonly NameColumnName[];
  /** Events may carry looked-up names. */
  readonly withNames: boolean;
  /** Print the titles of the columns. */
  readonly header: boolean;
  /** Exact numbers, instead of three digits and a unit, or the name of a network namespace. */
  readonly exact: boolean;
  readonly nameNetns?: NetnsNamer | undefined;
}

/** Properties of the output that formats depend on. */
export interface Destination {
  readonly colorLevel: ColorSupportLevel;
  /** Returns the columns of the terminal, which may change; undefined if the output is not a terminal. */
  readonly width: () => number | undefined;
}

/** A flag that only some formats have. */
export type FormatFlag = 'columns' | 'time' | 'no-header' | 'exact';

/** Options of a report, apart from those that its format decides. */
export type ReportSettings = Omit<ReportOptions, 'isWide' | 'paint' | 'notation'> &
  Pick<Destination, 'colorLevel'> &
  Pick<FormatOptions, 'exact' | 'nameNetns'>;

interface Format {
  /** Continues the name in the help of --format. */
  readonly help?: string;
  readonly flags: readonly FormatFlag[];
  /** Creates a formatter of events; imports its module only now, because a command uses one format. */
  readonly load: (options: FormatOptions, destination: Destination) => Promise<Formatter>;
  /** Formats what commands print besides events. Absent: the format is for events only. */
  readonly report?: (report: Report, settings: ReportSettings) => Promise<Iterable<string>>;
}

async function importTable() {
  const [table, paint, columns] = await Promise.all([
    import('./table/table.js'),
    import('../terminal/paint.js'),
    import('./table/columns.js'),
  ]);
  return {...table, ...paint, ...columns};
}

async function loadNdjson({withNames}: FormatOptions): Promise<Formatter> {
  const {formatNdjson, formatNdjsonWithNames} = await import('./ndjson.js');
  return {format: withNames ? formatNdjsonWithNames : formatNdjson};
}

async function formatReportTable(report: Report, settings: ReportSettings, isWide: boolean) {
  const {createPaint} = await import('../terminal/paint.js');
  const {exact, nameNetns, colorLevel, ...shown} = settings;
  return report.formatTable({
    ...shown,
    isWide,
    notation: notationOf(exact, nameNetns),
    paint: createPaint(colorLevel),
  });
}

const ENTRIES = {
  table: {
    flags: ['columns', 'time', 'no-header', 'exact'],
    async load({columns, time, exact, nameNetns, header}, {colorLevel, width}) {
      const notation = notationOf(exact, nameNetns);
      const {createTable, createPaint} = await importTable();
      return createTable(createPaint(colorLevel), {columns, time, notation, width, header});
    },
    report: (report, settings) => formatReportTable(report, settings, false),
  },
  wide: {
    help: 'has a column for every field',
    flags: ['time', 'no-header', 'exact'],
    async load({time, nameColumns, exact, nameNetns, header}, {colorLevel}) {
      const notation = notationOf(exact, nameNetns);
      const {createTable, createPaint, WIDE_COLUMNS} = await importTable();
      return createTable(createPaint(colorLevel), {
        columns: [...WIDE_COLUMNS, ...nameColumns],
        time,
        notation,
        header,
      });
    },
    report: (report, settings) => formatReportTable(report, {...settings, width: undefined}, true),
  },
  compact: {
    help: 'has a sentence for each event',
    flags: ['time', 'exact'],
    async load({time, exact}, {colorLevel}) {
      const [{createCompact}, {createPaint}] = await Promise.all([
        import('./compact.js'),
        import('../terminal/paint.js'),
      ]);
      return createCompact(createPaint(colorLevel), {time, notation: notationOf(exact)});
    },
  },
  json: {
    help: 'is one document',
    flags: [],
    async load(options) {
      const {format} = await loadNdjson(options);
      return (await import('./json-array.js')).createJsonArray(format);
    },
    report: (report) => Promise.resolve(report.formatJson()),
  },
  ndjson: {
    help: 'has a JSON document on each line',
    flags: [],
    load: loadNdjson,
    report: async ({records}) => (await import('./reports/report.js')).formatLines(records),
  },
  csv: {
    flags: ['no-header'],
    load: async ({withNames, header}) => (await import('./csv.js')).createCsv(withNames, header),
    report: async (report, {header}) => (await import('./reports/report.js')).formatCsv(report, header),
  },
  none: {
    help: 'prints no events',
    flags: [],
    load: () => Promise.resolve({format: () => ''}),
  },
} satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof ENTRIES;

export const FORMATS: Readonly<Record<FormatName, Format>> = ENTRIES;

export const FORMAT_NAMES = Object.keys(ENTRIES) as readonly FormatName[];

/** Formats of what commands print besides events. */
export const REPORT_FORMAT_NAMES = FORMAT_NAMES.filter((name) => FORMATS[name].report !== undefined);
