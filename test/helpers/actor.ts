/** Controls a process of test/actor: it performs socket operations on command and reports every fact about them. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import {createServer, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {Readable, Writable} from 'node:stream';
import {onLines} from './lines.js';
import {ROOT, seconds} from './machine.js';
import {Sock} from './sock.js';

/** The actor's answer to a command; times are nanoseconds since the epoch. */
export interface Answer {
  readonly pid: number;
  readonly tid: number;
  readonly before: bigint;
  readonly after: bigint;
  readonly ret: number;
  readonly errno?: string;
  /** Name of SO_ERROR, `0` if no error is pending. */
  readonly error?: string;
  readonly inode?: number;
  readonly netns?: number;
  readonly laddr?: string;
  readonly lport?: number;
  readonly raddr?: string;
  readonly rport?: number;
  readonly zone?: string;
  readonly retrans?: number;
  readonly sequence?: readonly [sent: number, received: number];
  readonly mailbox?: number;
  readonly job?: number;
  readonly thread?: number;
  readonly connections?: readonly BurstConnection[];
}

/** One connection of a burst or serve command; begin and end in nanoseconds since the epoch. */
export type BurstConnection = readonly [inode: number, port: number, begin: string, end: string];

export type Word = string | number;

/** Process fields of an event. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly comm: string;
  readonly uid: number;
}

interface Waiter {
  readonly command: string;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

function parseAnswer(line: string, command: string): Answer {
  const answer = JSON.parse(line) as Omit<Answer, 'before' | 'after'> & {
    before: string;
    after: string;
    bad?: string;
  };
  if (answer.bad !== undefined) throw new Error(`actor: ${command}: ${answer.bad}`);
  return {...answer, before: BigInt(answer.before), after: BigInt(answer.after)};
}

/** A command that runs in a background thread of the actor. */
export class Job {
  readonly tid: number;
  readonly #actor: Actor;
  readonly #id: number;

  constructor(actor: Actor, started: Answer) {
    this.#actor = actor;
    this.#id = started.job ?? -1;
    this.tid = started.thread ?? -1;
  }

  /** Waits until the thread sleeps in its system call; throws if the call has returned. */
  async blocked(): Promise<void> {
    await this.#actor.call('blocked', this.#id);
  }

  async join(): Promise<Answer> {
    return this.#actor.call('join', this.#id);
  }
}

export class Actor implements AsyncDisposable {
  readonly pid: number;
  /** Descriptor of the channel to the parent actor; the parent uses the same number. */
  readonly mailbox: number;
  comm = 'actor';
  uid = 0;
  readonly #input: Writable;
  readonly #ended: () => Promise<unknown>;
  readonly #waiters: Waiter[] = [];
  #isOver = false;

  /** @param ended waits until the process has exited */
  constructor(pid: number, input: Writable, output: Readable, ended: () => Promise<unknown>, mailbox = -1) {
    this.pid = pid;
    this.mailbox = mailbox;
    this.#input = input;
    this.#ended = ended;
    input.on('error', () => undefined);
    onLines(output, (line) => {
      this.#take(line);
    });
    output.once('close', () => {
      for (const {command, reject} of this.#waiters.splice(0))
        reject(new Error(`actor: exited during ${command}`));
    });
  }

  static async start(): Promise<Actor> {
    const child: ChildProcess = spawn(path.join(ROOT, 'build/actor'), {stdio: ['pipe', 'pipe', 'inherit']});
    await once(child, 'spawn');
    if (child.pid === undefined || !child.stdin || !child.stdout) throw new Error('actor: did not start');
    const exit = once(child, 'exit');
    return new Actor(child.pid, child.stdin, child.stdout, () => exit);
  }

  get who(): ProcessIdentity {
    return {pid: this.pid, comm: this.comm, uid: this.uid};
  }

  /** Runs one command; a failed system call is an answer, not an error. */
  async call(...words: readonly Word[]): Promise<Answer> {
    const command = words.join(' ');
    return new Promise((resolve, reject) => {
      this.#waiters.push({command, resolve, reject});
      this.#input.write(`${command}\n`);
    });
  }

  /** Runs one command; throws if its system call fails. */
  async do(...words: readonly Word[]): Promise<Answer> {
    const answer = await this.call(...words);
    if (answer.ret < 0) throw new Error(`actor: ${words.join(' ')}: ${answer.errno ?? ''}`);
    return answer;
  }

  async background(...words: readonly Word[]): Promise<Job> {
    return new Job(this, await this.do('background', ...words));
  }

  /** @param options `nonblock`, `mptcp`, `raw` (SOCK_RAW for TCP) */
  async socket(family: 4 | 6, ...options: readonly string[]): Promise<Sock> {
    return new Sock(this, await this.do('socket', family, ...options));
  }

  /** Opens a listening socket. @param port 0: a free one @param set socket options to set to 1 */
  async listen(
    address: string,
    {backlog = 4096, port = 0, set = [] as readonly string[]} = {},
  ): Promise<Sock> {
    const listener = await this.socket(address.includes(':') ? 6 : 4);
    for (const option of set) await listener.set(option, 1);
    await listener.bind(address, port);
    await this.do('listen', listener.fd, backlog);
    return listener;
  }

  /** Forks a child actor, which inherits the descriptors. */
  async fork(): Promise<Actor> {
    const directory = mkdtempSync(path.join(tmpdir(), 'actor-'));
    const server = createServer();
    try {
      server.listen(path.join(directory, 'socket'));
      await once(server, 'listening');
      const connected = once(server, 'connection') as Promise<[Socket]>;
      const forked = await this.do('fork', path.join(directory, 'socket'));
      const [socket] = await connected;
      const child = new Actor(forked.ret, socket, socket, () => this.do('reap', forked.ret), forked.mailbox);
      child.comm = this.comm;
      child.uid = this.uid;
      return child;
    } finally {
      server.close();
      rmSync(directory, {recursive: true});
    }
  }

  async setComm(name: Buffer | string): Promise<void> {
    await this.do('comm', `${Buffer.from(name).toString('hex')}00`);
    this.comm = name.toString();
  }

  async setUid(real: number, effective = real): Promise<void> {
    await this.do('uid', real, effective);
    this.uid = real;
  }

  /** Makes the process exit without closing its sockets first; waits until it has exited. */
  async exit(): Promise<void> {
    this.#input.write('exit 0\n');
    await this.#hasEnded();
  }

  async kill(): Promise<void> {
    process.kill(this.pid, 'SIGKILL');
    await this.#hasEnded();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return;
    this.#input.end();
    // a command may never return
    const timer = setTimeout(() => process.kill(this.pid, 'SIGKILL'), seconds(5));
    await this.#hasEnded();
    clearTimeout(timer);
  }

  async #hasEnded(): Promise<void> {
    this.#isOver = true;
    await this.#ended();
  }

  #take(line: string): void {
    const waiter = this.#waiters.shift();
    if (!waiter) throw new Error(`actor: unexpected answer: ${line}`);
    try {
      waiter.resolve(parseAnswer(line, waiter.command));
    } catch (error) {
      waiter.reject(error as Error);
    }
  }
}
