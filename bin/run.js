#!/usr/bin/env node
import {homedir, userInfo} from 'node:os';

// By default SIGUSR1 opens Node.js's debugger, to which every local user can connect.
process.on('SIGUSR1', () => undefined);

// oclif needs a user name and a home directory at load; a container's user may have neither.
for (const [name, ask, value] of [
  ['HOME', homedir, '/'],
  ['SHELL', userInfo, '/bin/sh'],
]) {
  try {
    ask();
  } catch {
    process.env[name] ??= value;
  }
}
const {main} = await import('../dist/bundle/cli/run/main.js');
await main(process.argv.slice(2));
