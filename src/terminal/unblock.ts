import type {MaybeTerminal} from './color.js';

/** What tty.WriteStream keeps to itself. */
interface WithHandle {
  readonly _handle?: {readonly setBlocking?: (isBlocking: boolean) => unknown} | null;
}

/**
 * Lets the process go on while a terminal is stopped (ctrl-S) or nobody reads it. Node.js makes every write to a
 * terminal wait, with signals unheard, and has no public way to take that back; what is not written yet then waits
 * in the stream, as it does for a pipe.
 */
export function unblock(stream: MaybeTerminal & WithHandle): void {
  if (stream.isTTY === true) stream._handle?.setBlocking?.(false);
}
