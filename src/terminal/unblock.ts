import type {MaybeTerminal} from './color.js';

/** Private part of tty.WriteStream. */
interface WithHandle {
  readonly _handle?: {readonly setBlocking?: (isBlocking: boolean) => unknown} | null;
}

/**
 * Makes writes to a terminal non-blocking, so that the process keeps handling signals while the terminal is stopped
 * (ctrl-S) or not read. Node.js blocks in such writes and has no public API to change that. Unwritten data then waits in
 * the stream, as for a pipe.
 */
export function unblock(stream: MaybeTerminal & WithHandle): void {
  if (stream.isTTY === true) stream._handle?.setBlocking?.(false);
}
