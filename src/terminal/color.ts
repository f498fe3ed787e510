import type {ColorSupportLevel} from 'chalk';

/** Values of --color. */
export const COLOR_CHOICES = ['auto', 'always', 'never'] as const;

export type ColorChoice = (typeof COLOR_CHOICES)[number];

/** The properties of a stream by which a terminal is detected. */
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
  // getColorDepth() would also respect an empty NO_COLOR
  const depth = stream.getColorDepth?.(no === '' ? rest : env) ?? 1;
  if (depth >= 24) return 3;
  if (depth >= 8) return 2;
  return depth >= 4 ? 1 : 0;
}

/**
 * Determines the color level of a stream. Precedence: flag, NO_COLOR (unless empty), FORCE_COLOR, terminal. chalk itself
 * ignores NO_COLOR.
 *
 * @returns chalk's level: 0 none, 1 16 colors, 2 256 colors, 3 true color
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
