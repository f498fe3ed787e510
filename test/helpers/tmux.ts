/** A terminal whose screen tests can read: a private tmux server. */
import {execFileSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';
import {findDescendants} from '#dist/procfs/descendants.js';
import {seconds} from './machine.js';
import {CLI} from './tracer.js';

/** Returns a function that builds the command line of `tcptrace COMMAND --pid PID`. */
export function showing(command: string, pid: number): (...args: string[]) => string[] {
  return (...args) => [process.execPath, CLI, command, '--pid', String(pid), ...args];
}

let count = 0;

export class Tmux implements Disposable {
  readonly #socket: string;

  /** @param words program and arguments; when it exits, the screen shows `ended CODE` */
  constructor(words: readonly string[], columns = 120, rows = 20) {
    count += 1;
    this.#socket = `tcptrace-test-${String(process.pid)}-${String(count)}`;
    const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    const script = `echo before; ${quoted}; echo "ended $?"; exec cat`;
    this.run('-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows), script);
  }

  run(...args: readonly string[]): string {
    const env = {...process.env, TMUX: undefined, TERM: 'xterm-256color', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8'};
    return execFileSync('tmux', ['-u', '-L', this.#socket, ...args], {encoding: 'utf8', env});
  }

  /** Returns the lines on the screen. */
  look(): string[] {
    return this.run('capture-pane', '-p').trimEnd().split('\n');
  }

  press(...keys: readonly string[]): void {
    this.run('send-keys', ...keys);
  }

  resize(columns: number, rows: number): void {
    this.run('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** Reads a tmux variable such as `cursor_flag`. */
  ask(variable: string): string {
    return this.run('display-message', '-p', `#{${variable}}`).trim();
  }

  /** Returns the pid of the program in the terminal. */
  program(): number {
    const shell = Number(this.ask('pane_pid'));
    const program = findDescendants([shell]).at(-1);
    if (program === undefined || program === shell) throw new Error('nothing runs in this terminal');
    return program;
  }

  /** Returns the terminal modes, as `stty -a` prints them. */
  modes(): string {
    return execFileSync('stty', ['-F', this.ask('pane_tty'), '-a'], {encoding: 'utf8'});
  }

  /** Waits until the screen matches; returns its lines. */
  async waitFor(pattern: RegExp): Promise<string[]> {
    const end = Date.now() + seconds(20);
    for (;;) {
      const lines = this.look();
      if (pattern.test(lines.join('\n'))) return lines;
      if (Date.now() > end) throw new Error(`no ${String(pattern)} on this screen:\n${lines.join('\n')}`);
      await setTimeout(20);
    }
  }

  [Symbol.dispose](): void {
    const file = this.ask('socket_path');
    this.run('kill-server');
    rmSync(file, {force: true});
  }
}
