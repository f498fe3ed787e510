import {spawnSync} from 'node:child_process';
import {readText} from './files.js';
import {findProgram} from './programs.js';

/** What passwd(5) says of a user. */
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

function userAmong(lines: string, who: string | number): User | undefined {
  const users = lines.split('\n').map(parseUser);
  return users.find((user) => user !== undefined && (user.name === who || user.uid === who));
}

/** Who is in no file, but in a directory service: getent(1) asks all that nsswitch.conf(5) names. */
function askSystem(who: string | number): User | undefined {
  const getent = findProgram('getent');
  if (getent === undefined) return undefined;
  const options = {encoding: 'utf8', timeout: 5000, env: {}} as const;
  const {stdout, error} = spawnSync(getent, ['passwd', '--', String(who)], options);
  return error === undefined ? userAmong(stdout, who) : undefined;
}

/** @param who name or id */
export function findLocalUser(who: string | number): User | undefined {
  return userAmong(readText('/etc/passwd') ?? '', who);
}

/** The same, also of users whom only getent(1) knows, which may take seconds. */
export function findUser(who: string | number): User | undefined {
  return findLocalUser(who) ?? askSystem(who);
}
