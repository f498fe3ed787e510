// Prints the folders of node_modules that the tests need: bundled packages, ajv and mocha, with all their dependencies.
import {existsSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';

const manifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

const find = (name, from) => {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
};

const found = new Set();

const visit = (names, optional, from) => {
  for (const name of names) {
    const folder = find(name, from);
    if (folder === undefined) {
      if (optional) continue;
      throw new Error(`${name} is not installed`);
    }

    if (found.has(folder)) continue;
    found.add(folder);
    const {dependencies, optionalDependencies, peerDependencies} = manifest(folder);
    visit(Object.keys(dependencies ?? {}), false, folder);
    visit(Object.keys({...optionalDependencies, ...peerDependencies}), true, folder);
  }
};

visit([...manifest('.').bundled, 'ajv', 'mocha'], false, '.');
// Copying a folder copies the folders inside.
const inside = (folder) => [...found].some((other) => folder.startsWith(`${other}/`));
console.log([...found].filter((folder) => !inside(folder)).join('\n'));
