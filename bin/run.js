#!/usr/bin/env node
// Only syntax of Node.js 12, so that an old version prints one line, not a stack trace.
import {homedir, userInfo} from 'os';

function isSupported() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

function fails(ask) {
  try {
    ask();
    return false;
  } catch (error) {
    return error instanceof Error;
  }
}

/** Sets the home directory and the shell if the user has none: oclif needs them at load, and a container's user may lack them. */
function completeEnvironment() {
  for (const [name, ask, value] of [
    ['HOME', homedir, '/'],
    ['SHELL', userInfo, '/bin/sh'],
  ]) {
    if (process.env[name] === undefined && fails(ask)) process.env[name] = value;
  }
}

if (isSupported()) {
  // By default SIGUSR1 opens Node.js's debugger, to which every local user can connect.
  process.on('SIGUSR1', () => undefined);
  completeEnvironment();
  import('../dist/bundle/cli/run/main.js').then(({main}) => main(process.argv.slice(2)));
} else {
  console.error(`tcptrace: Node.js ${process.version} is too old; install Node.js 20.19 or newer`);
  process.exitCode = 3;
}
