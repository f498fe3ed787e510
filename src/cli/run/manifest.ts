/** Reads the commands and their flags from oclif.manifest.json, without loading a command. */
import {readFileSync} from 'node:fs';
import type {FlagShapes} from './tokens.js';

interface Manifest {
  readonly commands: Readonly<Record<string, {readonly flags: FlagShapes}>>;
}

function readManifest(): Manifest {
  const file = new URL('oclif.manifest.json', import.meta.resolve('#package'));
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

export function readCommandNames(): readonly string[] {
  return [...Object.keys(readManifest().commands), 'help', 'version'];
}

/** @returns no flags for an unknown command */
export function readFlagShapes(command: string): FlagShapes {
  const {commands} = readManifest();
  return Object.hasOwn(commands, command) ? (commands[command]?.flags ?? {}) : {};
}

/** Returns the commands that have a flag. */
export function findCommandsWith(flag: string): readonly string[] {
  const commands = Object.entries(readManifest().commands);
  return commands.filter(([, {flags}]) => Object.hasOwn(flags, flag)).map(([name]) => name);
}
