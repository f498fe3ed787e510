/**
 * A flag is one definition: name, help, completion and man text, and the function that converts its text to a value.
 * Parser, help, manual pages and completion scripts all read it.
 */
import type {Interfaces} from '@oclif/core';
import {boolean, string} from '@oclif/core/flags';
import {TcptraceError, usageError} from '../../../model/errors.js';
import {quote} from '../../../model/basics/quote.js';
import {suggest} from './suggest.js';

type OclifFlag = Interfaces.FlagInput[string];

/** The values that a shell can offer. */
export type Completion =
  | {readonly kind: 'words' | 'list'; readonly words: readonly string[]}
  | {readonly kind: 'file' | 'pid' | 'user' | 'netns' | 'service' | 'container' | 'none'};

/** Value that oclif's parser returns for a flag. */
export type Given = boolean | string | readonly string[] | undefined;

export type Flag<Value> = OclifFlag & {
  readonly completion: Completion;
  /** The description in the manual, if it is longer than the one in the help. */
  readonly manual: string | undefined;
  /** Is the negated form of another flag, so that manual and help do not list it. */
  readonly isNegation: boolean;
  /** Takes numbers; further numbers after its value also belong to it: `--port 80 443`. */
  readonly isNumeric: boolean;
  /** Makes the value optional. */
  readonly implied: Implied | undefined;
  /** @throws TcptraceError (usage) that names the flag if its text is invalid */
  readonly read: (name: string, given: Given) => Value;
};

export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** The value of each flag. */
export type Values<F> = {
  readonly [Name in keyof F]: F[Name] extends {readonly read: (name: string, given: Given) => infer Value}
    ? Value
    : never;
};

/** A flag without a value has this one. */
export interface Implied {
  readonly value: string;
  /** Matches the next word of the command line if that is the value. */
  readonly unless: RegExp;
}

/** Headings of the help, in the order of the manual. */
export type Group = 'filter' | 'end' | 'output' | 'names' | 'source';

interface Text {
  readonly group: Group;
  readonly help: string;
  readonly manual?: string;
  /** The short form; oclif's parser accepts digits too, only its types do not. */
  readonly char?: string | undefined;
  readonly hidden?: boolean;
}

interface Valued<Value> extends Text {
  /** Placeholder of the value in help and manual. */
  readonly value: string;
  /** @throws TcptraceError (usage) if the text is invalid */
  readonly parse: (text: string) => Value;
  readonly completion?: Completion;
  readonly implied?: Implied;
}

interface Listed<Value> extends Valued<Value | readonly Value[]> {
  readonly isNegation?: boolean;
  readonly isNumeric?: boolean;
  /** Matches the text between two values; by default a comma or white space. */
  readonly separator?: RegExp;
}

function describe({group, help, char, hidden = false}: Text) {
  return {
    helpGroup: group,
    description: help,
    hidden,
    ...(char !== undefined && {char: char as 'a'}),
  };
}

function extend<Value>(
  flag: OclifFlag,
  {
    manual,
    completion = {kind: 'none'},
    isNegation = false,
    isNumeric = false,
    implied,
  }: Partial<Listed<Value>>,
  read: Flag<Value>['read'],
): Flag<Value> {
  return {...flag, manual, completion, isNegation, isNumeric, implied, read};
}

/** Adds the name of the flag to an error of its parser. */
function readText<Value>(name: string, text: string, parse: (text: string) => Value): Value {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TcptraceError)) throw error;
    throw new TcptraceError(`--${name}: ${error.message}`, error.exitCode, error.hint);
  }
}

/** Defines a flag without a value. */
export function switchFlag(text: Text): Flag<boolean> {
  return extend(boolean(describe(text)), text, (_, given) => given === true);
}

/** Defines a flag with one value; undefined if it is not given. */
export function valueFlag<Value>(spec: Valued<Value>): Flag<Value | undefined> {
  const flag = string({...describe(spec), helpValue: spec.value});
  return extend(flag, spec as Partial<Listed<Value>>, (name, given) =>
    typeof given === 'string' ? readText(name, given, spec.parse) : undefined,
  );
}

function parseChoice<Choice extends string>(choices: readonly Choice[], text: string): Choice {
  const choice = choices.find((known) => known === text);
  if (choice !== undefined) return choice;
  throw usageError(`invalid value ${quote(text)}`, suggest(text, choices, `use ${choices.join(', ')}`));
}

interface ChoiceText extends Text {
  /** Placeholder of the value in help and manual. */
  readonly value: string;
}

/** Defines a flag whose value is one of these words; undefined if it is not given. */
export function choiceFlag<Choice extends string>(
  choices: readonly Choice[],
  text: ChoiceText,
): Flag<Choice | undefined> {
  return valueFlag({
    ...text,
    help: `${choices.join(', ')}; ${text.help}`,
    parse: (word) => parseChoice(choices, word),
    completion: {kind: 'words', words: choices},
  });
}

/** Adds a default value to a flag. */
export function withDefault<Value>(flag: Flag<Value | undefined>, otherwise: Value): Flag<Value> {
  return {...flag, read: (name: string, given: Given) => flag.read(name, given) ?? otherwise};
}

function split(texts: readonly string[], separator: RegExp): readonly string[] {
  return [...new Set(texts.flatMap((text) => text.trim().split(separator)))];
}

/** Defines a flag that may be repeated, with one or more values each time; an empty list if it is not given. */
export function listFlag<Value>(spec: Listed<Value>): Flag<readonly Value[]> {
  const {separator = /\s*,\s*|\s+/} = spec;
  const flag = string({...describe(spec), helpValue: spec.value, multiple: true, multipleNonGreedy: true});
  return extend(flag, spec as Partial<Listed<readonly Value[]>>, (name, given) => {
    const texts = split(Array.isArray(given) ? (given as readonly string[]) : [], separator);
    return [...new Set(texts.flatMap((text) => readText(name, text, spec.parse)))];
  });
}

/** @throws TcptraceError (usage) for the first flag with an invalid text */
export function readFlags<F extends Flags>(flags: F, given: Readonly<Record<string, Given>>): Values<F> {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, flag.read(name, given[name])]),
  ) as Values<F>;
}

/** Converts parsed flags back to words of a command line. */
export function toWords(flags: Flags, given: Readonly<Record<string, Given>>): string[] {
  return Object.keys(flags).flatMap((name) => {
    const value = given[name];
    if (value === undefined || value === false) return [];
    return value === true ? [`--${name}`] : [value].flat().map((text) => `--${name}=${text}`);
  });
}
