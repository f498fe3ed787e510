import {Chalk, type ColorSupportLevel} from 'chalk';
import type {EventKind} from '../model/event.js';

/** Colours for one stream; with level 0 every function returns its text as it is. */
export interface Paint {
  header(text: string): string;
  event(kind: EventKind, text: string): string;
  /** Good or bad news. */
  verdict(good: boolean, text: string): string;
}

/** @param level of {@link resolveColorLevel} */
export function createPaint(level: ColorSupportLevel): Paint {
  const chalk = new Chalk({level});
  const byEvent = {
    // blue and red are told apart by everybody, green and red are not
    connect: chalk.blueBright,
    accept: chalk.cyan,
    close: chalk.dim,
    fail: chalk.bold.red,
    open: chalk.magenta,
    lost: chalk.bold.yellow,
  } satisfies Record<EventKind, (text: string) => string>;
  return {
    header: (text) => chalk.bold(text),
    event: (kind, text) => byEvent[kind](text),
    verdict: (good, text) => (good ? chalk.blueBright(text) : chalk.bold.red(text)),
  };
}
