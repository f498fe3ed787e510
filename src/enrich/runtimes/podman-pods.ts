/** Finds names of Podman's pods, which only Podman's database has. */
import {existsSync} from 'node:fs';
import {readSmallBytes} from './json.js';

/** Databases in the storage directory: BoltDB, since Podman 5 SQLite. */
const DATABASES = ['libpod/bolt_state.db', 'db.sql'];

/** Both databases hold a pod as JSON that begins with `{"id":"ID","name":"NAME"`. Podman names match this pattern. */
const NAME = /^[\da-f]*","name":"([A-Za-z\d][\w.-]{0,255})"/;
const ID = /^[\da-f]{12,64}$/;

const MAX_KNOWN = 4096;
/** Names do not expire: pods cannot be renamed, and their ids are random. */
const known = new Map<string, string>();

/** Lists the databases in a storage directory. */
export function podDatabases(storage: string): readonly string[] {
  return DATABASES.map((name) => `${storage}/${name}`).filter((file) => existsSync(file));
}

function findName(database: Buffer, id: string): string | undefined {
  const begin = `{"id":"${id}`;
  const found = database.indexOf(begin);
  if (found < 0) return undefined;
  const rest = found + begin.length;
  return NAME.exec(database.toString('latin1', rest, rest + 512))?.[1];
}

/**
 * Finds the name of a pod in the text of a database, without interpreting its structure.
 *
 * @param id of the pod, or at least its first 12 digits
 */
export function podName(database: string, id: string): string | undefined {
  if (!ID.test(id)) return undefined;
  const key = `${database}:${id}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const bytes = readSmallBytes(database);
  const name = bytes && findName(bytes, id);
  if (name === undefined) return undefined;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(key, name);
  return name;
}
