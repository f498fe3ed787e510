/** Reads single keys from a terminal in raw mode. */
import {emitKeypressEvents, type Key as Keypress} from 'node:readline';
import type {ReadStream} from 'node:tty';

/** A character, or the name of another key. */
export type Key = NamedKey | (string & {});

/** Names of keys, by those of readline. */
const NAMED = {
  return: 'enter',
  enter: 'enter',
  escape: 'escape',
  backspace: 'backspace',
  up: 'up',
  down: 'down',
  pageup: 'pageup',
  pagedown: 'pagedown',
  home: 'home',
  end: 'end',
} as const;

const CONTROL = {c: 'interrupt', z: 'suspend'} as const;

type NamedKey = (typeof NAMED)[keyof typeof NAMED] | (typeof CONTROL)[keyof typeof CONTROL];

/** Returns the key; undefined for keys without a meaning, such as F1. */
function nameKey(
  character: string | undefined,
  {name = '', ctrl = false, meta = false}: Keypress,
): Key | undefined {
  if (ctrl) return Object.hasOwn(CONTROL, name) ? CONTROL[name as keyof typeof CONTROL] : undefined;
  if (Object.hasOwn(NAMED, name)) return NAMED[name as keyof typeof NAMED];
  // readline passes escape sequences whole, and other input by character
  return character !== undefined && character >= ' ' && !meta ? character : undefined;
}

export interface Keyboard {
  readonly grab: () => void;
  /** Leaves raw mode. Idempotent. */
  readonly release: () => void;
}

export function createKeyboard(stdin: ReadStream, onKey: (key: Key) => void): Keyboard {
  const onKeypress = (character: string | undefined, pressed: Keypress): void => {
    const key = nameKey(character, pressed);
    if (key !== undefined) onKey(key);
  };
  emitKeypressEvents(stdin);
  return {
    grab() {
      stdin.setRawMode(true);
      stdin.on('keypress', onKeypress);
      stdin.resume();
    },
    release() {
      stdin.off('keypress', onKeypress);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
