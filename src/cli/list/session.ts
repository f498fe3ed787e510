/** `tcptrace list` from options to exit code. */
import type {NameLookups} from '../../enrich/namer.js';
import {ExitCode} from '../../model/errors.js';
import type {OpenSocket, NamedSocket} from '../../model/socket.js';
import type {NameColumn} from '../../format/name-columns.js';
import {createOutput} from '../../output/output.js';
import {list as listSockets, type ListOptions} from '../../sources/sockets.js';
import {type ColorChoice, resolveColorLevel} from '../../terminal/color.js';
import {refuseClosedStdout} from '../io/closed-stdout.js';
import {createNotices, type Say} from '../io/notices.js';
import type {Streams} from '../watch/session.js';

export interface ListSessionOptions extends ListOptions {
  readonly form: 'table' | 'json' | 'ndjson';
  /** What is looked up; undefined is nothing. */
  readonly names?: NameLookups;
  /** Of the table, behind the others. */
  readonly nameColumns: readonly NameColumn[];
  readonly color: ColorChoice;
  readonly quiet: boolean;
}

async function format(
  sockets: readonly NamedSocket[],
  {form, color, nameColumns}: ListSessionOptions,
  stdout: Streams['stdout'],
): Promise<readonly string[]> {
  if (form !== 'table') {
    const {formatSocketJson, formatSocketNdjson} = await import('../../format/reports/socket-json.js');
    return form === 'json' ? formatSocketJson(sockets) : formatSocketNdjson(sockets);
  }
  const [{formatSocketTable}, {createPaint}] = await Promise.all([
    import('../../format/reports/socket-table.js'),
    import('../../terminal/paint.js'),
  ]);
  const paint = createPaint(resolveColorLevel(color, process.env, stdout));
  return formatSocketTable(sockets, paint, nameColumns);
}

/** Looks up what is wanted, if anything is. */
async function addNames(
  sockets: readonly OpenSocket[],
  {names}: ListSessionOptions,
  say: Say,
): Promise<readonly NamedSocket[]> {
  if (names === undefined) return sockets;
  const {nameSockets} = await import('../../enrich/enrich.js');
  return nameSockets(sockets, {...names, say});
}

/** Says so even to who wants it quiet, as watch does: what is listed may be much less. */
function warnOfFallback(why: string | undefined, stderr: Streams['stderr']): void {
  if (why === undefined) return;
  createNotices(stderr, false)(`listed by /proc, because eBPF is not to be had (${why})`);
}

/** @throws TcptraceError where nothing can be listed or the output failed */
export async function list(options: ListSessionOptions, {stdout, stderr}: Streams): Promise<ExitCode> {
  refuseClosedStdout();
  const {sockets, why, notes} = listSockets(options);
  const say = createNotices(stderr, options.quiet);
  warnOfFallback(why, stderr);
  for (const note of notes) say(`without ${note}`);
  const output = createOutput(stdout);
  const named = await addNames(sockets, options, say);
  for (const text of await format(named, options, stdout)) {
    output.add(text);
    if (output.closed.aborted) break;
  }
  await output.end();
  return ExitCode.DONE;
}
