/** Reads single keys from a terminal in raw mode. */
import {StringDecoder} from 'node:string_decoder';
import type {ReadStream} from 'node:tty';

export type Key = 'enter' | 'escape' | 'backspace' | 'interrupt' | 'suspend' | (string & {});

const NAMED: Readonly<Record<string, Key>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\x1b': 'escape',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x03': 'interrupt',
  '\x1a': 'suspend',
};

/** Escape sequence of a key such as an arrow. */
const SEQUENCE = /^\x1b[[O][\d;]*[A-Za-z~]/;

/** Splits input into keys; drops escape sequences. */
export function splitKeys(text: string): Key[] {
  const keys: Key[] = [];
  for (let rest = text; rest !== '';) {
    const sequence = SEQUENCE.exec(rest)?.[0];
    const [character = ''] = rest;
    rest = rest.slice((sequence ?? character).length);
    const key = NAMED[character] ?? character;
    if (sequence === undefined && (key.length > 1 || key >= ' ')) keys.push(key);
  }
  return keys;
}

export interface Keyboard {
  readonly grab: () => void;
  /** Leaves raw mode. Idempotent. */
  readonly release: () => void;
}

export function createKeyboard(stdin: ReadStream, onKey: (key: Key) => void): Keyboard {
  // keeps the first bytes of a character whose rest comes with the next read
  const decoder = new StringDecoder('utf8');
  const onData = (data: Buffer): void => {
    for (const key of splitKeys(decoder.write(data))) onKey(key);
  };
  return {
    grab() {
      stdin.setRawMode(true);
      stdin.on('data', onData);
      stdin.resume();
    },
    release() {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
