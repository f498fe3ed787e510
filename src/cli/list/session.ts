/** `tcptrace list` from options to exit code. */
import {ExitCode} from '../../model/errors.js';
import type {OpenSocket, NamedSocket} from '../../model/socket.js';
import {createOutput} from '../../output/output.js';
import {list as listSockets} from '../../sources/sockets.js';
import {resolveColorLevel} from '../../terminal/color.js';
import {refuseClosedStdout} from '../io/closed-stdout.js';
import {createNotices, type Say} from '../io/notices.js';
import type {Streams} from '../io/streams.js';
import type {ListSessionOptions} from './options.js';
import {sortSockets} from './sort.js';

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

/** Looks up the requested names, if any. */
async function addNames(
  sockets: readonly OpenSocket[],
  {names}: ListSessionOptions,
  say: Say,
): Promise<readonly NamedSocket[]> {
  if (names === undefined) return sockets;
  const {nameSockets} = await import('../../enrich/enrich.js');
  return nameSockets(sockets, {...names, say});
}

/** Warns even with --quiet, as watch does: the listing may be much shorter. */
function warnOfFallback(why: string | undefined, stderr: Streams['stderr']): void {
  if (why === undefined) return;
  createNotices(stderr, false)(`eBPF is not available (${why}); using /proc`);
}

/** @throws TcptraceError if nothing can be listed or the output failed */
export async function list(options: ListSessionOptions, {stdout, stderr}: Streams): Promise<ExitCode> {
  refuseClosedStdout();
  const {source, filter = {}, wants = () => true, btfPath} = options;
  const {sockets, why, notes} = listSockets({source, filter, wants, btfPath});
  const say = createNotices(stderr, options.quiet);
  warnOfFallback(why, stderr);
  for (const note of notes) say(`without ${note}`);
  for (const remark of options.remarks) say(remark);
  const output = createOutput(stdout);
  const named = await addNames(sortSockets(sockets, options.sort), options, say);
  for (const text of await format(named, options, stdout)) {
    output.add(text);
    if (output.closed.aborted) break;
  }
  await output.end();
  return ExitCode.DONE;
}
