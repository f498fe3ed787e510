import type {Change} from './change.js';

/** Takes one of the reserved bytes for a member; the others remain. */
function fewer(bytes: string, member: string, reserve: (left: string) => string): string {
  return bytes === '1' ? member : member + reserve(String(Number(bytes) - 1));
}

/** `example`, a number that the kernel writes into each record, in close events. */
export const FIELD: Change = {
  heading: 'Add a field of events',
  edits: [
    {
      file: 'bpf/event.h',
      at: /^\t__u8 reserved\[(\d+)\];$/m,
      text: (_, bytes) => fewer(bytes, '\t__u8 example;', (left) => `\n\t__u8 reserved[${left}];`),
    },
    {
      file: 'bpf/emit.h',
      at: /^\te->version = EVENT_VERSION;\n/m,
      text: `$&\te->example = 64;\n`,
    },
    {
      file: 'src/model/fields.ts',
      at: /^ {2}ended_by: \{$/m,
      text: `  example: {value: NUMBER, meaning: 'an example of a field', on: ['close'], sources: PROBES},\n$&`,
    },
    {
      file: 'src/model/event.ts',
      at: /^ {2}readonly ended_by\?: .*\n/m,
      text: `$&  readonly example?: number | undefined;\n`,
    },
    {
      file: 'src/kernel/decode.ts',
      at: /^ {4}ended_by: .*\n/m,
      text: `    example: event === 'close' ? orUndefined(u8(words, at + Offset.example)) : undefined,\n$&`,
    },
    {
      file: 'src/format/ndjson.ts',
      at: /\(event\.ended_by === undefined/,
      text: `numberPart(',"example":', event.example) +\n    $&`,
    },
    {
      file: 'src/format/table/columns.ts',
      at: /^ {2}'ended-by': .*\n/m,
      text: `$&  example: number('EXAMPLE', 7, 'example'),\n`,
    },
    {
      file: 'test/unit/events.ts',
      at: /^ {2}ended_by: 'remote-reset',\n/m,
      text: `$&  example: 64,\n`,
    },
    {
      file: 'test/unit/table.test.ts',
      at: / 42\/parent 0',$/m,
      text: ` 64$&`,
    },
    {
      file: 'test/unit/record.ts',
      at: /^ {2}\['reserved', (\d+)\],$/m,
      text: (_, bytes) => fewer(bytes, `  ['example', 1],`, (left) => `\n  ['reserved', ${left}],`),
    },
  ],
};
