#!/usr/bin/env node
// Compiles and runs tcptrace with stack traces enabled.
import {execFileSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
execFileSync('npx', ['--no-install', 'tsc', '-p', '.'], {cwd: root, stdio: ['ignore', 2, 2]});
process.env.DEBUG ??= 'tcptrace';
const {main} = await import('../dist/cli/run/main.js');

await main(process.argv.slice(2));
