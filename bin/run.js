#!/usr/bin/env node
import {homedir, userInfo} from 'node:os';

// Node.js would open a debugger, to which every user of the machine can connect.
process.on('SIGUSR1', () => undefined);

// The user of a container may have neither name nor home; oclif asks for both when it is loaded.
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
