/** Reads sockets from ss(8): the ground truth of listings. */
import {execFileSync} from 'node:child_process';
import type {Netns} from './netns.js';

/** A socket as `ss -tanipeOH` shows it; figures that ss leaves out are 0. */
export interface SsSocket {
  readonly state: string;
  readonly local: string;
  readonly remote: string;
  readonly recvQ: number;
  readonly sendQ: number;
  /** 0 without a file. */
  readonly inode: number;
  /** `PID/FD` of each descriptor. */
  readonly holders: readonly string[];
  readonly timer:
    {readonly name: string; readonly ms: readonly [number, number]; readonly retrans: number} | undefined;
  /** Value of a figure such as `bytes_sent:5` or `delivery_rate 5bps`. */
  readonly figure: (name: string) => string | undefined;
  /** The line without the figures that change while nothing happens. */
  readonly stable: string;
}

/** Returns the state as `list` spells it; ss abbreviates some. */
export function spellSsState(state: string): string {
  const full: Readonly<Record<string, string>> = {ESTAB: 'established', LISTEN: 'listening'};
  return full[state] ?? state.toLowerCase();
}

/** Endpoints as ss prints them, such as [::ffff:127.0.0.1]:80 and *:80. */
export function normalizeEndpoint(endpoint: string): string {
  return endpoint
    .replace(/%[^\]:]*/, '')
    .replace(/^\*:/, '[::]:')
    .replace(/^\[::ffff:([\d.]+)\]/, '$1');
}

/** Parses what print_ms_timer() of ss writes, such as `119min`, `1min20sec`, `12sec`, `5.020ms` (seconds) and `200ms`. */
function parseTimer(text: string): readonly [number, number] {
  const [, minutes = '0'] = /^(\d+)min/.exec(text) ?? [];
  const [, seconds = '0'] = /(?:^|min)(\d+)(?:sec|\.)/.exec(text) ?? [];
  const [, ms = '0'] = /(?:^|\.|min)(\d{3})ms/.exec(text) ?? [];
  const least = Number(minutes) * 60_000 + Number(seconds) * 1000 + Number(ms);
  const left = Number(minutes) > 9 ? 59_999 : Number(minutes) > 0 || Number(seconds) > 9 ? 999 : 0;
  return [least, least + left];
}

function parseLine(line: string): SsSocket {
  const [state = '', recvQ, sendQ, local = '', remote = ''] = line.trim().split(/\s+/);
  const timer = /timer:\((\w+),([^,]*),(\d+)\)/.exec(line);
  return {
    state: spellSsState(state),
    local: normalizeEndpoint(local),
    remote: normalizeEndpoint(remote),
    recvQ: Number(recvQ),
    sendQ: Number(sendQ),
    inode: Number(/ ino:(\d+)/.exec(line)?.[1] ?? 0),
    holders: [...line.matchAll(/pid=(\d+),fd=(\d+)/g)]
      .map(([, pid, fd]) => `${String(pid)}/${String(fd)}`)
      .sort(),
    timer: timer
      ? {name: timer[1] ?? '', ms: parseTimer(timer[2] ?? ''), retrans: Number(timer[3])}
      : undefined,
    figure: (name) => new RegExp(`\\s${name}[: ]([^\\s]+)`).exec(line)?.[1],
    stable: line
      .replace(/(timer:\(\w+),[^,]*,/, '$1,')
      .replace(/ (?:last\w+|busy|rwnd_limited|sndbuf_limited):\S+/g, ''),
  };
}

/** Returns all TCP sockets of a network namespace. */
export function readSs({name}: Netns): SsSocket[] {
  // without a cgroup2 mount, it complains for each socket
  const options = {encoding: 'utf8', maxBuffer: 1 << 26, stdio: 'pipe'} as const;
  const text = execFileSync('ip', ['netns', 'exec', name, 'ss', '-tanipeOH'], options);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseLine);
}
