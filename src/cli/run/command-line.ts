/** Parses the command line of a command by the definitions of its flags. */
import type {Interfaces} from '@oclif/core';
import {parse} from '@oclif/core/parser';
import {usageError} from '../../model/errors.js';
import {cut, quote} from '../../model/basics/quote.js';
import {type Flags, type Given, readFlags, type Values} from '../flags/parse/define.js';
import {findSimilar} from '../flags/parse/suggest.js';
import {findCommandsWith} from './manifest.js';
import {splitAtDashes, type Token, tokenize} from './tokens.js';

export interface CommandLine<F extends Flags> {
  readonly flags: Values<F>;
  /** Text of each flag, as the user gave it. */
  readonly given: Readonly<Record<string, Given>>;
  /** Arguments that are not flags. */
  readonly words: readonly string[];
  /** Words after `--`, for a command that takes them. */
  readonly rest: readonly string[] | undefined;
}

/** Flags and arguments that a command accepts. */
export interface Accepted<F extends Flags> {
  readonly flags: F;
  readonly args?: Interfaces.ArgInput;
  /** Accepts any number of arguments; `args` describes them for help and manual only. */
  readonly takesManyWords?: boolean;
  /** Accepts another command after `--`. */
  readonly takesCommand?: boolean;
}

function unknownFlag(text: string, flags: Flags): Error {
  if (!text.startsWith('--')) return usageError(`unknown flag: ${text}`);
  const [name = ''] = text.slice(2).split('=');
  const others = findCommandsWith(name);
  if (others.length > 0) return usageError(`unknown flag: --${name}`, `it is a flag of ${others.join(', ')}`);
  const known = Object.entries(flags).filter(([, {hidden, isNegation}]) => isNegation || hidden !== true);
  const similar = findSimilar(
    name,
    known.map(([flag]) => flag),
  );
  return usageError(`unknown flag: ${cut(`--${name}`)}`, similar && `did you mean --${similar}?`);
}

function extraWord(text: string, following: readonly string[], takesCommand = false): Error {
  const hint = `to trace a command, put it after \`--\`: tcptrace watch -- ${cut(following.join(' '))}`;
  return usageError(`unexpected argument: ${quote(text)}`, takesCommand ? hint : undefined);
}

/** Refuses the first unknown word. If the user forgot `--`, it is the traced command, not one of its flags. */
function refuseUnknown<F extends Flags>(
  tokens: readonly Token[],
  {flags, args, takesCommand, takesManyWords = false}: Accepted<F>,
): void {
  let left = takesManyWords ? Infinity : Object.keys(args ?? {}).length;
  for (const [index, {kind, text, name}] of tokens.entries()) {
    if (kind === 'flag' && name === undefined) throw unknownFlag(text, flags);
    if (kind !== 'word') continue;
    const following = tokens.slice(index).map((token) => token.text);
    if (left === 0) throw extraWord(text, following, takesCommand);
    left -= 1;
  }
}

function refuseSwitchValue(argv: readonly string[], flags: Flags): void {
  for (const [name, {type}] of Object.entries(flags))
    if (type === 'boolean' && argv.some((word) => word.startsWith(`--${name}=`)))
      throw usageError(`--${name}: takes no value`, `write --${name}`);
}

/** Joins numbers that follow the value of a numeric flag to that flag: `--port 80 443`. */
function attachNumbers(tokens: readonly Token[], flags: Flags): readonly Token[] {
  let name: string | undefined;
  return tokens.flatMap((token): readonly Token[] => {
    const isNumber = token.kind === 'word' && /^\d[\d,-]*$/.test(token.text);
    if (isNumber && name !== undefined)
      return [{...token, kind: 'flag', text: `--${name}=${token.text}`, name}];
    name = token.name !== undefined && flags[token.name]?.isNumeric === true ? token.name : undefined;
    return [token];
  });
}

/** Gives flags whose value is optional their implied one, unless a value follows: `--serve` is `--serve=127.0.0.1:0`. */
function addImplied(argv: readonly string[], flags: Flags): readonly string[] {
  return argv.map((word, index) => {
    const {implied} = flags[word.replace(/^--/, '')] ?? {};
    const isBare =
      implied !== undefined && word.startsWith('--') && !implied.unless.test(argv[index + 1] ?? '');
    return isBare ? `${word}=${implied.value}` : word;
  });
}

/** Parses a command line. @throws TcptraceError (usage) or an error of oclif's parser if it is invalid */
export async function parseCommandLine<F extends Flags>(
  accepted: Accepted<F>,
  argv: readonly string[],
): Promise<CommandLine<F>> {
  const {flags, takesCommand = false, takesManyWords = false} = accepted;
  const {own, rest} = splitAtDashes(argv);
  const tokens = attachNumbers(tokenize(addImplied(own, flags), flags), flags);
  refuseUnknown(tokens, accepted);
  refuseSwitchValue(own, flags);
  const isParsed = ({kind}: Token): boolean => !takesManyWords || kind !== 'word';
  const parsed = await parse(
    [
      ...tokens.filter(isParsed).map(({text}) => text),
      ...(takesCommand || takesManyWords || rest === undefined ? [] : ['--', ...rest]),
    ],
    {args: takesManyWords ? {} : (accepted.args ?? {}), flags},
  );
  const given = parsed.flags as Readonly<Record<string, Given>>;
  const words = takesManyWords
    ? [...tokens.filter(({kind}) => kind === 'word').map(({text}) => text), ...(rest ?? [])]
    : Object.values(parsed.args).filter((word): word is string => typeof word === 'string');
  return {flags: readFlags(flags, given), given, words, rest};
}
