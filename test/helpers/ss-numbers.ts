/** Reads the numbers that ss(8) shows of a socket. */
import {execFileSync} from 'node:child_process';
import type {Sock} from './sock.js';

export interface SsNumbers {
  readonly receiveQueue: number;
  readonly sendQueue: number;
  /** Returns the number after `name:` or `name `, NaN without. */
  readonly value: (name: string) => number;
  /** Returns the text after `name:`. */
  readonly text: (name: string) => string;
}

/** @param netns name of the network namespace */
export function readSs({local, remote}: Pick<Sock, 'local' | 'remote'>, netns?: string): SsNumbers {
  const place = netns === undefined ? [] : ['-N', netns];
  const filter = `sport = :${String(local?.port)} and dport = :${String(remote?.port)}`;
  const line = execFileSync('ss', [...place, '-tinoOH', filter], {encoding: 'utf8'});
  const [, receiveQueue, sendQueue] = line.split(/\s+/);
  const text = (name: string): string => new RegExp(`\\b${name}[: ](\\S+)`).exec(line)?.[1] ?? '';
  return {
    receiveQueue: Number(receiveQueue),
    sendQueue: Number(sendQueue),
    text,
    value: (name) => parseFloat(text(name)),
  };
}
