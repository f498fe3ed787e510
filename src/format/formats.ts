/** The output formats of events. A new format is a file of this folder and an entry here. */
import type {ColorSupportLevel} from 'chalk';
import type {ColumnName} from './columns.js';
import type {Formatter} from './formatter.js';
import type {NameColumnName} from './name-columns.js';
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
}

/** Properties of the output that formats depend on. */
export interface Destination {
  readonly colorLevel: ColorSupportLevel;
  /** Returns the columns of the terminal, which may change; undefined if the output is not a terminal. */
  readonly width: () => number | undefined;
}

interface Format {
  /** Continues the name in the help of --format. */
  readonly help?: string;
  /** Flags that apply to this format. */
  readonly flags: readonly ('columns' | 'time')[];
  /** Creates a formatter; imports its module only now, because a command uses one format. */
  readonly load: (options: FormatOptions, destination: Destination) => Promise<Formatter>;
}

async function importTable() {
  const [table, paint, columns] = await Promise.all([
    import('./table.js'),
    import('../terminal/paint.js'),
    import('./columns.js'),
  ]);
  return {...table, ...paint, ...columns};
}

const ENTRIES = {
  table: {
    flags: ['columns', 'time'],
    async load({columns, time}, {colorLevel, width}) {
      const {createTable, createPaint, columnsFor} = await importTable();
      const shown = columns ?? columnsFor(width() ?? Infinity);
      return createTable(createPaint(colorLevel), {columns: shown, time, width});
    },
  },
  wide: {
    help: 'has a column for every field',
    flags: ['time'],
    async load({time, nameColumns}, {colorLevel}) {
      const {createTable, createPaint, WIDE_COLUMNS} = await importTable();
      return createTable(createPaint(colorLevel), {columns: [...WIDE_COLUMNS, ...nameColumns], time});
    },
  },
  ndjson: {
    flags: [],
    async load({withNames}) {
      const {formatNdjson, formatNdjsonWithNames} = await import('./ndjson.js');
      return {format: withNames ? formatNdjsonWithNames : formatNdjson};
    },
  },
  csv: {
    flags: [],
    load: async ({withNames}) => (await import('./csv.js')).createCsv(withNames),
  },
} satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof ENTRIES;

export const FORMATS: Readonly<Record<FormatName, Format>> = ENTRIES;

export const FORMAT_NAMES = Object.keys(ENTRIES) as readonly FormatName[];
