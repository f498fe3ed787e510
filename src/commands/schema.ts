import {BaseCommand, prose} from '../cli/run/base.js';
import {printSchema} from '../cli/schema/session.js';
import type {ExitCode} from '../model/errors.js';

export default class Schema extends BaseCommand {
  static override summary = 'print the JSON Schema of events';

  static override usage = '<%= command.id %>';

  static override description =
    prose(`Prints the JSON Schema (draft 2020-12) of an event, that is, of a line of \`watch --ndjson\`. Within a major version,
releases only add fields and kinds of events. It needs neither root nor eBPF.

Exit codes: 0 done, 1 failure, 2 invalid usage.`);

  static override examples = [
    {
      description: 'write the schema to a file, for a validator',
      command: '<%= config.bin %> <%= command.id %> >event.schema.json',
    },
    {
      description: 'the meaning of a field',
      command: '<%= config.bin %> <%= command.id %> | jq -r \'."$defs".rtt_us.description\'',
    },
    {
      description: 'the fields of close events',
      command:
        '<%= config.bin %> <%= command.id %> | jq -r \'.oneOf[] | select(.title == "close").properties | keys_unsorted[]\'',
    },
  ];

  static override flags = {};

  async run(): Promise<ExitCode> {
    await this.read({flags: {}});
    return printSchema(process);
  }
}
