import type {Writable} from 'node:stream';
import type {MaybeTerminal} from '../../terminal/color.js';

/** The standard streams of a command, which tests replace. */
export interface Streams {
  readonly stdout: Writable & MaybeTerminal & {readonly fd: number};
  readonly stderr: Writable & MaybeTerminal;
}
