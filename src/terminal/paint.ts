import {Chalk, type ColorSupportLevel} from 'chalk';
import type {EventKind} from '../model/event.js';

/** Colors text for a stream; with level 0 every function returns its text unchanged. */
export interface Paint {
  header(text: string): string;
  event(kind: EventKind, text: string): string;
  /** Colors a result as good or bad. */
  verdict(good: boolean, text: string): string;
}

/** @param level of {@link resolveColorLevel} */
export function createPaint(level: ColorSupportLevel): Paint {
  const chalk = new Chalk({level});
  const byEvent = {
    // blue and red, because red-green color blindness is common
    connect: chalk.blueBright,
    accept: chalk.cyan,
    close: chalk.dim,
    fail: chalk.bold.red,
    open: chalk.magenta,
    update: chalk.green,
    lost: chalk.bold.yellow,
  } satisfies Record<EventKind, (text: string) => string>;
  return {
    header: (text) => chalk.bold(text),
    event: (kind, text) => byEvent[kind](text),
    verdict: (good, text) => (good ? chalk.blueBright(text) : chalk.bold.red(text)),
  };
}
