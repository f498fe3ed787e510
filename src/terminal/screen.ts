/** A whole screen of a terminal, which is as it was before when it is left. */
import {writeSync} from 'node:fs';

/** The alternate buffer, without cursor and without wrapping of long lines. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
/** Before the line, because behind one that ends at the margin it would clear the last character. */
const CLEAR_LINE = '\x1b[2K';
const CLEAR_BELOW = '\x1b[J';

export interface Terminal {
  readonly fd: number;
  readonly columns: number;
  readonly rows: number;
  readonly writableNeedDrain: boolean;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

export interface Screen {
  /** Lines from the top, safe to print and no wider than the terminal. A frame that the terminal has no time for is left out. */
  readonly draw: (lines: readonly string[]) => void;
  readonly enter: () => void;
  /** Gives the terminal back until {@link enter}. */
  readonly suspend: () => void;
  /** Gives it back for good. */
  readonly leave: () => void;
}

/** Not entered yet. Whatever ends the process leaves. @param onResize asked for a new frame */
export function createScreen(terminal: Terminal, onResize: () => void): Screen {
  let isEntered = false;

  function enter(): void {
    if (isEntered) return;
    isEntered = true;
    terminal.write(ENTER);
  }

  // at the end of the process nothing is written later any more
  function suspend(): void {
    if (!isEntered) return;
    isEntered = false;
    try {
      writeSync(terminal.fd, LEAVE);
    } catch {
      // the terminal is gone
    }
  }

  process.once('exit', suspend);
  terminal.on('resize', onResize);
  return {
    draw(lines) {
      if (!isEntered || terminal.writableNeedDrain) return;
      const visible = lines.slice(0, terminal.rows).map((line) => CLEAR_LINE + line);
      terminal.write(HOME + visible.join('\r\n') + CLEAR_BELOW);
    },
    enter,
    suspend,
    leave() {
      process.off('exit', suspend);
      terminal.off('resize', onResize);
      suspend();
    },
  };
}
