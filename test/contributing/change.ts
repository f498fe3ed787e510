/** Changes of the source tree, as docs/contributing.md describes them. */
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';

/** Replaces the first match of `at`; in a text, `$&` stands for the match and `$1` for a group. */
export interface Edit {
  readonly file: string;
  readonly at: RegExp;
  readonly text: string | ((match: string, group: string) => string);
}

export interface Change {
  /** Heading of docs/contributing.md. */
  readonly heading: string;
  readonly edits: readonly Edit[];
  /** Texts of new files, by path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** @throws Error if the place of an edit is not found */
export function apply({edits, files = {}}: Change, root: string): void {
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(root, file), text);
  for (const {file, at, text} of edits) {
    const before = readFileSync(path.join(root, file), 'utf8');
    if (!at.test(before)) throw new Error(`${file}: nothing matches ${String(at)}; adapt test/contributing`);
    const after = typeof text === 'string' ? before.replace(at, text) : before.replace(at, text);
    writeFileSync(path.join(root, file), after);
  }
}

export function touched({edits, files = {}}: Change): readonly string[] {
  return [...new Set([...edits.map(({file}) => file), ...Object.keys(files)])];
}

/** Returns the text under a heading of the second level. */
function sectionOf(text: string, heading: string): string {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/contributing.md has no heading "${heading}"`);
  return section;
}

/** Expands `a/{b,c}.ts` to `a/b.ts` and `a/c.ts`. */
function expand(name: string): readonly string[] {
  const [, before = '', choices = '', behind = ''] = /^(.*?)\{(.*?)\}(.*)$/.exec(name) ?? [];
  if (choices === '') return [name];
  return choices.split(',').flatMap((choice) => expand(before + choice + behind));
}

/** Returns patterns of the paths that a section names in backticks; capital letters stand for any name. */
export function namedFiles(contributing: string, heading: string): readonly RegExp[] {
  const names = [...sectionOf(contributing, heading).matchAll(/`([\w./{},-]+\/[\w./{},-]+)`/g)];
  return names
    .flatMap(([, name = '']) => expand(name))
    .map((name) => new RegExp(`^${name.replaceAll('.', '\\.').replace(/\b[A-Z]{2,}\b/g, '[\\w-]+')}$`));
}
