/** A socket of an actor with all known facts about it: the ground truth for its events. */
import type {Actor, Answer, ProcessIdentity} from './actor.js';

/** The process that did something, and the wall clock before and after, in nanoseconds. */
export interface Moment {
  readonly who: ProcessIdentity;
  readonly before: bigint;
  readonly after: bigint;
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Converts an IPv4-mapped address to IPv4. */
function unmap(address: string): string {
  return address.replace(/^::ffff:(?=[\d.]+$)/, '');
}

function endpoint(address: string | undefined, port: number | undefined): Endpoint | undefined {
  return address === undefined || port === undefined ? undefined : {address: unmap(address), port};
}

export class Sock {
  readonly actor: Actor;
  readonly fd: number;
  readonly inode: number;
  readonly netns: number;
  local: Endpoint | undefined;
  remote: Endpoint | undefined;
  /** Interface of a link-local address, as getsockname() shows it. */
  zone: string | undefined;
  direction: 'in' | 'out' | undefined;
  /** connect() or accept() */
  opened: Moment | undefined;
  closed: Moment | undefined;
  sent = 0;
  received = 0;
  retrans = 0;

  constructor(actor: Actor, answer: Answer) {
    if (answer.inode === undefined || answer.netns === undefined)
      throw new Error('not an answer about a socket');
    this.actor = actor;
    this.fd = answer.ret;
    this.inode = answer.inode;
    this.netns = answer.netns;
    this.learn(answer);
  }

  /** The socket that accept() returned to @actor. */
  static accepted(actor: Actor, answer: Answer, who = actor.who): Sock {
    if (answer.ret < 0) throw new Error(`accept: ${answer.errno ?? ''}`);
    const sock = new Sock(actor, answer);
    sock.direction = 'in';
    sock.opened = {who, before: answer.before, after: answer.after};
    return sock;
  }

  get family(): 4 | 6 {
    return (this.remote ?? this.local)?.address.includes(':') ? 6 : 4;
  }

  /** Local port; throws if the socket is not bound. */
  get port(): number {
    if (!this.local) throw new Error('not bound');
    return this.local.port;
  }

  async set(option: string, value: number): Promise<void> {
    await this.actor.do('set', this.fd, option, value);
  }

  async bind(address: string, port = 0): Promise<void> {
    this.learn(await this.actor.do('bind', this.fd, address, port));
  }

  /** Calls connect(), which may fail. @param command `connect`, `uring_connect` */
  async tryConnect(address: string, port: number, command = 'connect'): Promise<Answer> {
    return this.connecting(address, port, await this.actor.call(command, this.fd, address, port));
  }

  /** Records the answer to a connect command. */
  connecting(address: string, port: number, answer: Answer): Answer {
    this.direction = 'out';
    this.learn(answer);
    this.remote = {address: unmap(address.replace(/%.*/, '')), port};
    this.opened = {who: this.actor.who, before: answer.before, after: answer.after};
    return answer;
  }

  async connect(address: string, port: number, command = 'connect'): Promise<void> {
    const answer = await this.tryConnect(address, port, command);
    if (answer.ret < 0) throw new Error(`connect: ${answer.errno ?? ''}`);
  }

  /** Waits for the result of a non-blocking connect(); returns its error, `0` on success. */
  async outcome(): Promise<string> {
    await this.actor.do('poll', this.fd, 'out');
    this.learn(await this.actor.do('describe', this.fd));
    const answer = await this.actor.do('error', this.fd);
    if (this.opened) this.opened = {...this.opened, after: answer.after};
    return answer.error ?? '';
  }

  /** Calls a non-blocking connect() and waits until it succeeds. */
  async connectAndPoll(address: string, port: number): Promise<void> {
    const answer = await this.tryConnect(address, port);
    if (answer.errno !== 'EINPROGRESS') throw new Error(`connect: ${answer.errno ?? 'not in progress'}`);
    const error = await this.outcome();
    if (error !== '0') throw new Error(`connect: ${error}`);
  }

  /** @param command `accept`, `accept4`, `epoll_accept`, `uring_accept` */
  async accept(command = 'accept', by = this.actor): Promise<Sock> {
    return Sock.accepted(by, await by.do(command, this.fd));
  }

  async send(bytes: number): Promise<void> {
    await this.actor.do('send', this.fd, bytes);
    this.sent += bytes;
  }

  async receive(bytes: number): Promise<void> {
    const {ret} = await this.actor.do('recv', this.fd, bytes);
    this.received += ret;
    if (ret !== bytes) throw new Error(`received ${String(ret)} of ${String(bytes)} bytes`);
  }

  /** Receives until the peer's FIN. */
  async drain(): Promise<void> {
    this.received += (await this.actor.do('drain', this.fd)).ret;
  }

  async shutdown(how: 'rd' | 'wr' | 'rdwr'): Promise<Answer> {
    return this.actor.do('shutdown', this.fd, how);
  }

  /** Waits for the peer's FIN (`rdhup`), a reset (`hup`), or data (`in`). */
  async poll(what: 'rdhup' | 'hup' | 'in' | 'out'): Promise<void> {
    await this.actor.do('poll', this.fd, what);
  }

  /** @param by actor that closes the socket @param fd its descriptor there */
  async close({by = this.actor, fd = this.fd, command = 'close'} = {}): Promise<void> {
    const answer = await by.do(command, fd);
    this.retrans = answer.retrans ?? 0;
    this.closed = {who: by.who, before: answer.before, after: answer.after};
  }

  /** Calls connect() with AF_UNSPEC: closes the connection, but not the socket. */
  async disconnect(): Promise<void> {
    const answer = await this.actor.do('connect', this.fd, 'unspec');
    this.closed = {who: this.actor.who, before: answer.before, after: answer.after};
  }

  /** Records that the socket is closed by an action, such as the exit of its process. */
  async closeBy(who: ProcessIdentity, action: () => Promise<unknown>): Promise<void> {
    const before = BigInt(Date.now()) * 1_000_000n;
    await action();
    this.closed = {who, before, after: (BigInt(Date.now()) + 1n) * 1_000_000n};
  }

  /** Stores the addresses of an answer. */
  learn({laddr, lport, raddr, rport, zone}: Answer): void {
    this.zone = zone ?? this.zone;
    this.local = endpoint(laddr, lport) ?? this.local;
    this.remote = endpoint(raddr, rport) ?? this.remote;
  }
}
