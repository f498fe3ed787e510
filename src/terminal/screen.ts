/** Full-screen output in the alternate buffer of a terminal. */
import {writeSync} from 'node:fs';

/** Switches to the alternate buffer, hides the cursor, disables line wrap. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
/** Written before each line: after a line that fills the width it would clear the last character. */
const CLEAR_LINE = '\x1b[2K';
const CLEAR_BELOW = '\x1b[J';

/** True if a terminal of this TERM supports cursor movement. */
export function hasScreen(name: string | undefined): boolean {
  return name !== undefined && name !== '' && name !== 'dumb';
}

export interface Terminal {
  readonly fd: number;
  readonly columns: number;
  readonly rows: number;
  readonly writableLength: number;
  write(text: string, written?: () => void): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

export interface Screen {
  /**
   * Draws lines from the top. They must be escaped and fit the terminal. Skips frames while the terminal is busy, then
   * requests a new one.
   */
  readonly draw: (lines: readonly string[]) => void;
  readonly enter: () => void;
  /** Restores the terminal until {@link enter}. */
  readonly suspend: () => void;
  /** Restores the terminal permanently. */
  readonly leave: () => void;
}

/** Restores the terminal synchronously; returns false if the terminal is busy. */
function leaveNow(terminal: Terminal): boolean {
  if (terminal.writableLength > 0) return false;
  try {
    writeSync(terminal.fd, LEAVE);
  } catch (error) {
    // any other error: the terminal is gone
    return (error as NodeJS.ErrnoException).code !== 'EAGAIN';
  }
  return true;
}

/** Creates a screen, not entered yet; restores the terminal at process exit. @param redraw requests a new frame */
export function createScreen(terminal: Terminal, redraw: () => void): Screen {
  let isEntered = false;
  let isBehind = false;

  function write(text: string): void {
    isBehind = false;
    terminal.write(text, () => {
      if (isEntered && isBehind) redraw();
    });
  }

  function enter(): void {
    if (isEntered) return;
    isEntered = true;
    write(ENTER);
  }

  // also runs at process exit, when asynchronous writes are lost
  function suspend(): void {
    if (!isEntered) return;
    isEntered = false;
    if (!leaveNow(terminal)) terminal.write(LEAVE);
  }

  process.once('exit', suspend);
  terminal.on('resize', redraw);
  return {
    draw(lines) {
      if (!isEntered) return;
      if (terminal.writableLength > 0) isBehind = true;
      else write(HOME + lines.map((line) => CLEAR_LINE + line).join('\r\n') + CLEAR_BELOW);
    },
    enter,
    suspend,
    leave() {
      process.off('exit', suspend);
      terminal.off('resize', redraw);
      suspend();
    },
  };
}
