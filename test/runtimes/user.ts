/** An ordinary user of a host, who may run rootless containers. */
import {chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {removeEmpty} from './cgroups.js';
import type {Running} from './contained.js';
import {type Host, kill} from './host.js';

/** An id that no user of a machine has. */
const UID = 48_213;
const NAME = 'tcptrace-test';

/** Cgroups of the user, and those that systemd delegates to the user. */
const SLICE = `/sys/fs/cgroup/user.slice/user-${String(UID)}.slice`;
const DELEGATED = `${SLICE}/user@${String(UID)}.service`;

/** Begins in the cgroup `$0`, as after a login. */
const LOG_IN = 'echo $$ >"$0/cgroup.procs" && exec "$@"';

export class User implements Disposable {
  readonly uid = UID;
  readonly host: Host;
  readonly home: string;

  /** Adds the user to the host's files, and makes the directories and cgroups that a login makes. */
  constructor(host: Host) {
    this.host = host;
    this.home = host.path('home');
    const runtime = host.fromOutside(`/run/user/${String(UID)}`);
    const session = host.fromOutside(`${DELEGATED}/session.scope`);
    for (const directory of [this.home, runtime, session]) mkdirSync(directory, {recursive: true});
    for (const path of [this.home, runtime, session, `${session}/cgroup.procs`]) chownSync(path, UID, UID);
    const cgroup = host.fromOutside(DELEGATED);
    for (const path of [cgroup, `${cgroup}/cgroup.procs`]) chownSync(path, UID, UID);
    const passwd = readFileSync('/etc/passwd', 'utf8');
    this.#replace('/etc/passwd', `${passwd}${NAME}:x:${String(UID)}:${String(UID)}::${this.home}:/bin/sh\n`);
    for (const file of ['/etc/subuid', '/etc/subgid']) this.#replace(file, `${NAME}:1600000000:65536\n`);
  }

  /** Command that runs a command as the user. */
  get by(): readonly string[] {
    const ids = ['--reuid', String(UID), '--regid', String(UID), '--clear-groups'];
    return ['sh', '-c', LOG_IN, `${DELEGATED}/session.scope`, 'env', '-C', this.home, 'setpriv', ...ids];
  }

  get env(): readonly string[] {
    return [`HOME=${this.home}`, `XDG_RUNTIME_DIR=/run/user/${String(UID)}`];
  }

  /** Moves a process into the cgroup that the user's systemd gives a container of Podman. */
  scope({pid, id}: Running): void {
    const directory = this.host.fromOutside(`${DELEGATED}/user.slice/libpod-${id}.scope`);
    mkdirSync(directory, {recursive: true});
    writeFileSync(`${directory}/cgroup.procs`, String(pid));
  }

  /** Kills the processes of the user, which have namespaces of their own. */
  [Symbol.dispose](): void {
    for (const pid of readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number))
      if (isOf(pid)) kill(pid);
    const slice = this.host.fromOutside(SLICE);
    if (existsSync(slice)) removeEmpty(slice);
  }

  #replace(file: string, content: string): void {
    const copy = this.host.path(file.replaceAll('/', '-'));
    writeFileSync(copy, content);
    this.host.run('mount', '--bind', copy, file);
  }
}

function isOf(pid: number): boolean {
  try {
    return new RegExp(`^Uid:\\s+${String(UID)}\\s`, 'm').test(
      readFileSync(`/proc/${String(pid)}/status`, 'utf8'),
    );
  } catch {
    return false;
  }
}
