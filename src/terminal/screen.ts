/** A whole screen of a terminal, which is as it was before when it is left. */
import {writeSync} from 'node:fs';

/** The alternate buffer, without cursor and without wrapping of long lines. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
/** Before the line, because behind one that ends at the margin it would clear the last character. */
const CLEAR_LINE = '\x1b[2K';
const CLEAR_BELOW = '\x1b[J';

/** Whether a terminal of that name (TERM) can be written to anywhere but at its end. */
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
   * Lines from the top, safe to print, no more and no wider than the terminal. While a frame waits for the terminal, others are
   * left out; then a new one is asked for.
   */
  readonly draw: (lines: readonly string[]) => void;
  readonly enter: () => void;
  /** Gives the terminal back until {@link enter}. */
  readonly suspend: () => void;
  /** Gives it back for good. */
  readonly leave: () => void;
}

/** Not entered yet. Whatever ends the process leaves. @param redraw asked for a new frame */
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

  /** Whether it was written: a terminal that is behind takes nothing now. */
  function leaveNow(): boolean {
    if (terminal.writableLength > 0) return false;
    try {
      writeSync(terminal.fd, LEAVE);
    } catch (error) {
      // or else it is gone
      return (error as NodeJS.ErrnoException).code !== 'EAGAIN';
    }
    return true;
  }

  // at the end of the process nothing is written later any more
  function suspend(): void {
    if (!isEntered) return;
    isEntered = false;
    if (!leaveNow()) terminal.write(LEAVE);
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
