import {readText} from './files.js';

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

/** @param who name or id */
export function findUser(who: string | number, path = '/etc/passwd'): User | undefined {
  const users = (readText(path) ?? '').split('\n').map(parseUser);
  return users.find((user) => user !== undefined && (user.name === who || user.uid === who));
}
