/** Flags of `tcptrace doctor`. */
import {REPORT_FORMAT_NAMES} from '../../format/formats.js';
import {DIAGNOSIS_COLUMN_NAMES} from '../../format/reports/diagnosis.js';
import {formatFlags} from '../flags/format.js';

export const doctorFlags = formatFlags({formats: REPORT_FORMAT_NAMES, columns: DIAGNOSIS_COLUMN_NAMES});
