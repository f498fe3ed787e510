/** Splits a command line into flags, values and words as oclif's parser does, from the type of each flag. */

/** The part of a flag's definition that decides which word is its value. */
export interface FlagShape {
  readonly type: 'boolean' | 'option';
  readonly char?: string;
}

export type FlagShapes = Readonly<Record<string, FlagShape>>;

export interface Token {
  /** `value` is the value of the flag before it; `word` is an argument of the command. */
  readonly kind: 'flag' | 'value' | 'word';
  readonly text: string;
  /** Name of the flag, for a known flag and its value. */
  readonly name?: string | undefined;
}

interface Match {
  /** Undefined if the flag is unknown. */
  readonly name: string | undefined;
  /** The next word is its value. */
  readonly takesNext: boolean;
}

function matchLong(word: string, flags: FlagShapes): Match {
  const [name = '', value] = word.slice(2).split('=', 2);
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  return {name: flag && name, takesNext: flag?.type === 'option' && value === undefined};
}

/** Matches short flags in one word; the last one may take the rest as its value: `-qc5`. */
function matchShort(word: string, flags: FlagShapes): Match {
  const known = Object.entries(flags);
  for (let at = 1; at < word.length; at += 1) {
    const [name, flag] = known.find(([, {char}]) => char === word[at]) ?? [];
    if (flag === undefined) return {name: undefined, takesNext: false};
    if (flag.type === 'option') return {name, takesNext: at === word.length - 1};
    if (at === word.length - 1) return {name, takesNext: false};
  }
  return {name: undefined, takesNext: false};
}

/** @param argv words before `--` */
export function tokenize(argv: readonly string[], flags: FlagShapes): readonly Token[] {
  let valueOf: string | undefined;
  return argv.map((text): Token => {
    if (valueOf !== undefined) {
      const name = valueOf;
      valueOf = undefined;
      return {kind: 'value', text, name};
    }
    if (!text.startsWith('-') || text === '-') return {kind: 'word', text};
    const {name, takesNext} = text.startsWith('--') ? matchLong(text, flags) : matchShort(text, flags);
    if (takesNext) valueOf = name;
    return {kind: 'flag', text, name};
  });
}

/** Splits at the first `--`. @returns rest is undefined without `--` */
export function splitAtDashes(argv: readonly string[]): {own: readonly string[]; rest?: readonly string[]} {
  const end = argv.indexOf('--');
  return end === -1 ? {own: argv} : {own: argv.slice(0, end), rest: argv.slice(end + 1)};
}
