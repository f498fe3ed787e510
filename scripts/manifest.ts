/** Writes oclif.manifest.json, so that a command starts without loading the others. */
import {writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {Plugin} from '@oclif/core/config';

const root = fileURLToPath(new URL('../..', import.meta.url));
const plugin = new Plugin({
  root,
  type: 'core',
  isRoot: true,
  name: 'tcptrace',
  ignoreManifest: true,
  errorOnManifestCreate: true,
  respectNoCacheDefault: true,
});
await plugin.load();
const commands = Object.entries(plugin.manifest.commands).sort(([a], [b]) => (a < b ? -1 : 1));
const manifest = {commands: Object.fromEntries(commands), version: plugin.manifest.version};
writeFileSync(`${root}/oclif.manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
