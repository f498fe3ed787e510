/** Flags that rotate the file of --output. */
import {parseDuration} from '../../model/units/duration.js';
import {usageError} from '../../model/errors.js';
import {quote} from '../../model/basics/quote.js';
import {parseSize} from '../../model/units/size.js';
import type {Rotation} from '../../output/file.js';
import type {RotationSchedule} from '../../output/schedule.js';
import {switchFlag, valueFlag, type Values} from './parse/define.js';
import {parseCount} from './parse/values.js';

/** Largest file: 1 PiB. */
const MAX_FILE_BYTES = 2 ** 50;
const MIN_PERIOD_MS = 1000;

function parsePart(text: string): RotationSchedule {
  // sizes accept lower-case letters too, so 100m could mean 100 minutes or 100 MiB
  if (/^\d+m$/.test(text))
    throw usageError(
      `ambiguous value ${quote(text)}`,
      `use ${text.toUpperCase()} for a size, or seconds such as 60s for a time`,
    );
  if (!/[smhd]$/.test(text)) return {bytes: parseSize(text, MAX_FILE_BYTES)};
  const periodMs = parseDuration(text);
  if (periodMs >= MIN_PERIOD_MS) return {periodMs};
  throw usageError(`invalid value ${quote(text)}`, 'the shortest time is 1s');
}

/**
 * Parses a size such as `100M`, a time such as `1h`, or both, as in `100M,1d`.
 *
 * @throws TcptraceError (usage) if the text is neither
 */
export function parseRotation(text: string): RotationSchedule {
  const parts = text.split(',').map(parsePart);
  const schedule: RotationSchedule = Object.assign({}, ...parts) as RotationSchedule;
  if (Object.keys(schedule).length === parts.length) return schedule;
  throw usageError(`invalid value ${quote(text)}`, 'give at most one size and one time');
}

export const rotationFlags = {
  rotate: valueFlag({
    group: 'output',
    value: 'SIZE|TIME',
    help: 'with --output: start a new file every SIZE, such as 100M, at each full TIME, such as 1h or 1d, or both (100M,1d); full files become FILE.1, FILE.2, ...',
    parse: parseRotation,
  }),
  keep: valueFlag({
    group: 'output',
    value: 'N',
    help: 'with --rotate: remove all but the N newest full files',
    parse: parseCount,
  }),
  compress: switchFlag({group: 'output', help: 'with --rotate: compress full files by gzip'}),
};

type RotationFlags = Values<typeof rotationFlags>;

/** @throws TcptraceError (usage) if a flag would have no effect */
export function readRotation({rotate, keep, compress}: RotationFlags): Rotation | undefined {
  if (rotate !== undefined) return {...rotate, keep, compress};
  const useless = keep === undefined ? (compress ? 'compress' : undefined) : 'keep';
  if (useless !== undefined) throw usageError(`--${useless} needs --rotate`, 'add --rotate SIZE');
  return undefined;
}
