/** Use of the whole terminal: screen, keys, ctrl-Z and SIGQUIT. */
import type {ReadStream} from 'node:tty';
import {createJobControl} from '../../terminal/job-control.js';
import {createKeyboard, type Key} from '../../terminal/keys.js';
import {createScreen, type Screen, type Terminal} from '../../terminal/screen.js';
import {exitBy} from '../run/signals.js';

export type FullScreen = Pick<Screen, 'draw' | 'enter' | 'leave'>;

/**
 * Creates a full screen, not entered yet.
 *
 * @param redraw requests a frame: at the start, after a resize, and when the process resumes
 * @param onKey receives all keys but ctrl-Z
 */
export function createFullScreen(
  stdin: ReadStream,
  stdout: Terminal,
  redraw: () => void,
  onKey: (key: Key) => void,
): FullScreen {
  const screen = createScreen(stdout, redraw);
  const keyboard = createKeyboard(stdin, (key) => {
    if (key === 'suspend') job.suspend();
    else onKey(key);
  });
  const enter = (): void => {
    screen.enter();
    keyboard.grab();
    redraw();
  };
  const job = createJobControl(() => {
    keyboard.release();
    screen.suspend();
  }, enter);
  // the default action would terminate the process without restoring the screen
  process.once('SIGQUIT', exitBy);
  return {
    draw: screen.draw,
    enter,
    leave() {
      process.off('SIGQUIT', exitBy);
      job.release();
      keyboard.release();
      screen.leave();
    },
  };
}
