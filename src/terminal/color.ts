import type {ColorSupportLevel} from 'chalk';

/** What the user asked for on the command line. */
export const COLOR_CHOICES = ['auto', 'always', 'never'] as const;

export type ColorChoice = (typeof COLOR_CHOICES)[number];

/** As much of a stream as is asked whether it is a terminal. */
export interface MaybeTerminal {
  readonly isTTY?: boolean | undefined;
  getColorDepth?(env?: object): number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const FORCED_LEVELS: Readonly<Record<string, ColorSupportLevel>> = {
  '0': 0,
  false: 0,
  '1': 1,
  '2': 2,
  '3': 3,
};

function levelOfTerminal(stream: MaybeTerminal, env: Environment): ColorSupportLevel {
  if (stream.isTTY !== true) return 0;
  const {NO_COLOR: no, ...rest} = env;
  // Node.js would take an empty one for a wish
  const depth = stream.getColorDepth?.(no === '' ? rest : env) ?? 1;
  if (depth >= 24) return 3;
  if (depth >= 8) return 2;
  return depth >= 4 ? 1 : 0;
}

/**
 * How many colours may be used on a stream: the flag, else NO_COLOR (unless empty), else FORCE_COLOR, else what the
 * terminal can do. chalk would not look at NO_COLOR.
 *
 * @returns chalk's level: 0 none, 1 the 16 basic colours, 2 256 of them, 3 all
 */
export function resolveColorLevel(
  choice: ColorChoice,
  env: Environment,
  stream: MaybeTerminal,
): ColorSupportLevel {
  if (choice === 'never') return 0;
  const forced = env.FORCE_COLOR;
  const level = forced === undefined ? levelOfTerminal(stream, env) : (FORCED_LEVELS[forced] ?? 1);
  if (choice === 'always') return level === 0 ? 1 : level;
  return env.NO_COLOR === undefined || env.NO_COLOR === '' ? level : 0;
}
