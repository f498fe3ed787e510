/** BPF programs, maps and links, as `prog 17`: who holds them, and which are there. */
import {execFileSync, spawnSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';
import {seconds} from './machine.js';

const KINDS = ['prog', 'map', 'link'] as const;

/** Nothing where it is gone meanwhile, or where not even root may look: process 1 of some machines. */
function ifThere<T>(read: () => T, nothing: T): T {
  try {
    return read();
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ESRCH' && code !== 'EACCES') throw error;
    return nothing;
  }
}

/** Those that a process holds. */
export function objectsOf(pid: number | string): string[] {
  const directory = `/proc/${String(pid)}/fdinfo`;
  return ifThere(() => readdirSync(directory), []).flatMap((fd) => {
    const info = ifThere(() => readFileSync(`${directory}/${fd}`, 'utf8'), '');
    return [...info.matchAll(/^(prog|map|link)_id:\s+(\d+)$/gm)].map(
      ([, kind = '', id = '']) => `${kind} ${id}`,
    );
  });
}

export function exists(object: string): boolean {
  const [kind = '', id = ''] = object.split(' ');
  return spawnSync('bpftool', [kind, 'show', 'id', id]).status === 0;
}

function allObjects(): string[] {
  return KINDS.flatMap((kind) => {
    const listed = JSON.parse(execFileSync('bpftool', ['-j', kind, 'show'], {encoding: 'utf8'})) as {
      id: number;
    }[];
    return listed.map(({id}) => `${kind} ${String(id)}`);
  });
}

/** An entry of the map of connections (struct connection of bpf/connection.h), as far as tests look at it. */
interface Entry {
  readonly owner: {readonly pid: number};
  readonly ends: {readonly netns: number};
}

/** The same, also as bytes such as `0x2a`. */
interface RawEntry {
  readonly key: readonly string[];
  readonly value: readonly string[];
  readonly formatted: {readonly value: Entry};
}

function bpftoolMap(...args: readonly string[]): unknown {
  const said = execFileSync('bpftool', ['-j', 'map', ...args], {maxBuffer: 1 << 28, encoding: 'utf8'});
  return JSON.parse(said);
}

function idOfConnections(pid: number): string {
  const ids = objectsOf(pid).flatMap((object) => /^map (\d+)$/.exec(object)?.[1] ?? []);
  const id = ids.find((it) => (bpftoolMap('show', 'id', it) as {name?: string}).name === 'connections');
  if (id === undefined) throw new Error('no map of connections');
  return id;
}

/** Entries that a running tcptrace has in its map of connections. */
export function findEntries(pid: number, wants: (entry: Entry) => boolean): readonly RawEntry[] {
  const entries = bpftoolMap('dump', 'id', idOfConnections(pid)) as RawEntry[];
  return entries.filter(({formatted}) => wants(formatted.value));
}

export function putEntries(pid: number, entries: readonly RawEntry[]): void {
  const id = idOfConnections(pid);
  for (const {key, value} of entries) bpftoolMap('update', 'id', id, 'key', ...key, 'value', ...value);
}

export function countEntries(pid: number, wants: (entry: Entry) => boolean): number {
  return findEntries(pid, wants).length;
}

/** All that are in the kernel though no process holds them: pinned, attached for good, or left behind. */
export function ownerless(): string[] {
  const all = allObjects();
  const held = new Set(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(objectsOf),
  );
  return all.filter((object) => !held.has(object));
}

/** Asks until nothing is left: the kernel frees them when no CPU can be running them any more. */
export async function remaining(ask: () => string[]): Promise<string[]> {
  const deadline = Date.now() + seconds(10);
  let left = ask();
  while (left.length > 0 && Date.now() < deadline) {
    await setTimeout(20);
    left = ask();
  }
  return left;
}
