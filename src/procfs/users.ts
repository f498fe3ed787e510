import {spawnSync} from 'node:child_process';
import {readText} from './files.js';
import {findProgram} from './programs.js';

/** A user as in passwd(5). */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

function parseUser(line: string): User | undefined {
  const [name, , uid, gid, , home] = line.split(':');
  if (name === undefined || uid === undefined || gid === undefined || home === undefined) return undefined;
  return {name, uid: Number(uid), gid: Number(gid), home};
}

function findIn(lines: string, key: string | number): User | undefined {
  const users = lines.split('\n').map(parseUser);
  return users.find((user) => user !== undefined && (user.name === key || user.uid === key));
}

/** Finds a user of a directory service: getent(1) queries all databases of nsswitch.conf(5). */
function queryGetent(key: string | number): User | undefined {
  const getent = findProgram('getent');
  if (getent === undefined) return undefined;
  const options = {encoding: 'utf8', timeout: 5000, env: {}} as const;
  const {stdout, error} = spawnSync(getent, ['passwd', '--', String(key)], options);
  return error === undefined ? findIn(stdout, key) : undefined;
}

/** Finds a user in /etc/passwd. @param key name or uid */
export function findLocalUser(key: string | number): User | undefined {
  return findIn(readText('/etc/passwd') ?? '', key);
}

/** Like findLocalUser(), but also queries getent(1), which may take seconds. */
export function findUser(key: string | number): User | undefined {
  return findLocalUser(key) ?? queryGetent(key);
}
