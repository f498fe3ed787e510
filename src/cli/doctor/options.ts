/** Flags of `tcptrace doctor`. */
import {switchFlag, type Values} from '../flags/define.js';
import {colorFlag} from '../flags/output.js';

export const doctorFlags = {
  color: colorFlag,
  json: switchFlag({group: 'output', help: 'one JSON document instead of the table'}),
};

export type DoctorOptions = Values<typeof doctorFlags>;
