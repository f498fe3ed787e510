import {doctorFlags} from '../cli/doctor/options.js';
import {examine} from '../cli/doctor/session.js';
import {readFormatOptions} from '../cli/flags/format.js';
import {BaseCommand, prose} from '../cli/run/base.js';
import type {ExitCode} from '../model/errors.js';

export default class Doctor extends BaseCommand {
  static override summary = 'show what this kernel and these privileges allow';

  static override usage = '<%= command.id %> [FLAGS]';

  static override description =
    prose(`Checks each kernel feature and capability that tracing needs by using it, and explains each failure.

Exit codes: 0 an eBPF probe works, 1 failure, 2 invalid usage, 3 no eBPF probe works here.`);

  static override examples = [
    {description: 'all checks, as a table', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {
      description: 'the probe that --probe auto uses',
      command: 'sudo <%= config.bin %> <%= command.id %> --json | jq -r .probe',
    },
    {
      description: 'trace only if a probe works',
      command: 'sudo <%= config.bin %> <%= command.id %> >/dev/null && sudo <%= config.bin %> watch',
    },
  ];

  static override flags = doctorFlags;

  async run(): Promise<ExitCode> {
    const {flags} = await this.read({flags: doctorFlags});
    return examine(readFormatOptions(flags), process);
  }
}
