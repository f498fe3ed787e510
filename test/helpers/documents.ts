/** Commands and links of the Markdown documents. */
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {ROOT} from './machine.js';

export interface DocumentCommand {
  readonly section: string;
  readonly text: string;
  /** Program that the document says the reader may lack: `<!-- needs: NAME -->` before the block. */
  readonly needs: string | undefined;
}

/** Reads a document. @param name path below the root of the repository */
export function readDocument(name: string): string {
  return readFileSync(path.join(ROOT, name), 'utf8');
}

/** Returns the paths of README.md and of all files of docs/. */
export function listDocuments(): readonly string[] {
  const names = readdirSync(path.join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', 'SECURITY.md', 'CHANGELOG.md', ...names.sort().map((name) => `docs/${name}`)];
}

/** Returns the commands of the blocks of shell code. Indented lines continue a command. */
export function commandsOf(name: string): readonly DocumentCommand[] {
  const pattern = /^#+ (.*)$|(?:^<!-- needs: (\S+) -->\n)?^```sh\n([^]*?)^```$/gm;
  let section = '';
  const commands: DocumentCommand[] = [];
  for (const [, title, needs, block = ''] of readDocument(name).matchAll(pattern)) {
    if (title !== undefined) section = title;
    for (const text of block.trimEnd().split(/\n(?! )/))
      if (text !== '') commands.push({section, text, needs});
  }
  return commands;
}

/** Returns the targets of relative links. */
export function linksOf(name: string): readonly string[] {
  const targets = [...readDocument(name).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** Returns the anchors that GitHub gives to headings. */
export function anchorsOf(name: string): readonly string[] {
  return [...readDocument(name).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
