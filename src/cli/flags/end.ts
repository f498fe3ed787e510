/** Flags that limit how long a trace runs. */
import {parseDuration} from '../../model/units/duration.js';
import {valueFlag} from './parse/define.js';
import {parseCount} from './parse/values.js';

/** @param unit what is counted, for the help */
export function countFlag(unit: string) {
  return valueFlag({char: 'c', group: 'end', value: 'N', help: `stop after N ${unit}`, parse: parseCount});
}

/** @param help describes the effect of the flag */
export function durationFlag(help: string, group: 'end' | 'source' = 'end') {
  return valueFlag({group, value: 'TIME', help, parse: parseDuration});
}

export const stopAfterFlag = durationFlag('stop after 10s, 500ms, 2m, 1h30m; a number alone is seconds');
