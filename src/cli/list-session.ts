/** `tcptrace list` from options to exit code. */
import {ExitCode} from '../model/errors.js';
import type {HeldSocket} from '../model/socket.js';
import {createOutput} from '../sinks/output.js';
import {list as listSockets, type ListOptions} from '../sources/sockets.js';
import {type ColorChoice, resolveColorLevel} from '../terminal/color.js';
import {createNotices} from './notices.js';
import type {Streams} from './watch-session.js';

export interface ListSessionOptions extends ListOptions {
  readonly form: 'table' | 'json' | 'ndjson';
  readonly color: ColorChoice;
  readonly quiet: boolean;
}

async function format(
  sockets: readonly HeldSocket[],
  {form, color}: ListSessionOptions,
  stdout: Streams['stdout'],
): Promise<readonly string[]> {
  if (form !== 'table') {
    const {formatSocketJson, formatSocketNdjson} = await import('../sinks/socket-json.js');
    return form === 'json' ? formatSocketJson(sockets) : formatSocketNdjson(sockets);
  }
  const [{formatSocketTable}, {createPaint}] = await Promise.all([
    import('../sinks/socket-table.js'),
    import('../terminal/paint.js'),
  ]);
  return formatSocketTable(sockets, createPaint(resolveColorLevel(color, process.env, stdout)));
}

/** Says so even to who wants it quiet, as watch does: what is listed may be much less. */
function warnOfFallback(why: string | undefined, stderr: Streams['stderr']): void {
  if (why === undefined) return;
  createNotices(stderr, false)(`listed by /proc, because eBPF is not to be had (${why})`);
}

/** @throws TcptraceError where nothing can be listed or the output failed */
export async function list(options: ListSessionOptions, {stdout, stderr}: Streams): Promise<ExitCode> {
  const {sockets, why, notes} = listSockets(options);
  const say = createNotices(stderr, options.quiet);
  warnOfFallback(why, stderr);
  for (const note of notes) say(`without ${note}`);
  const output = createOutput(stdout);
  for (const text of await format(sockets, options, stdout)) {
    output.add(text);
    if (output.closed.aborted) break;
  }
  await output.end();
  return ExitCode.DONE;
}
