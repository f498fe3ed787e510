/** Lists BPF programs, maps and links, as `prog 17`, and the processes that hold them. */
import {execFileSync, spawnSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';
import {seconds} from './machine.js';

const KINDS = ['prog', 'map', 'link'] as const;

/** Returns `fallback` if the process is gone, or is not readable even by root (pid 1 on some machines). */
function readOr<T>(read: () => T, fallback: T): T {
  try {
    return read();
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ESRCH' && code !== 'EACCES') throw error;
    return fallback;
  }
}

/** Lists the objects that a process holds. */
export function objectsOf(pid: number | string): string[] {
  const directory = `/proc/${String(pid)}/fdinfo`;
  return readOr(() => readdirSync(directory), []).flatMap((fd) => {
    const info = readOr(() => readFileSync(`${directory}/${fd}`, 'utf8'), '');
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

/** The fields of a connection map entry (struct connection of bpf/connection.h) that tests read. */
interface Entry {
  readonly owner: {readonly pid: number};
  readonly ends: {readonly netns: number};
}

/** An entry as bpftool prints it: as bytes such as `0x2a`, and formatted. */
interface RawEntry {
  readonly key: readonly string[];
  readonly value: readonly string[];
  readonly formatted: {readonly value: Entry};
}

function bpftoolMap(...args: readonly string[]): unknown {
  const stdout = execFileSync('bpftool', ['-j', 'map', ...args], {maxBuffer: 1 << 28, encoding: 'utf8'});
  return JSON.parse(stdout);
}

function idOfConnections(pid: number): string {
  const ids = objectsOf(pid).flatMap((object) => /^map (\d+)$/.exec(object)?.[1] ?? []);
  const id = ids.find((it) => (bpftoolMap('show', 'id', it) as {name?: string}).name === 'connections');
  if (id === undefined) throw new Error('no connection map');
  return id;
}

/** Returns the matching entries of a running tcptrace's connection map. */
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

/** Lists the objects that no process holds: pinned, permanently attached, or leaked. */
export function ownerless(): string[] {
  const all = allObjects();
  const held = new Set(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(objectsOf),
  );
  return all.filter((object) => !held.has(object));
}

/** Polls until the list is empty, at most 10 s; returns the rest. The kernel frees objects after an RCU grace period. */
export async function remaining(list: () => string[]): Promise<string[]> {
  const deadline = Date.now() + seconds(10);
  let left = list();
  while (left.length > 0 && Date.now() < deadline) {
    await setTimeout(20);
    left = list();
  }
  return left;
}
