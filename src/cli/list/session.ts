/** `tcptrace list` from options to exit code. */
import {ExitCode} from '../../model/errors.js';
import type {OpenSocket, NamedSocket} from '../../model/socket.js';
import {createNetnsNamer} from '../../procfs/netns-names.js';
import {list as listSockets} from '../../sources/sockets.js';
import {refuseClosedStdout} from '../io/closed-stdout.js';
import {createNotices, type Say} from '../io/notices.js';
import {openOutput, printReport} from '../io/printer.js';
import type {Streams} from '../io/streams.js';
import type {ListSessionOptions} from './options.js';
import {sortSockets} from './sort.js';

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
  if (options.output === undefined) refuseClosedStdout();
  const {source, filter = {}, wants = () => true, peers = false, btfPath, hostName} = options;
  const output = await openOutput(options, {stdout, stderr}, createNotices(stderr, false));
  const {sockets, why, notes} = listSockets({source, filter, wants, peers, btfPath, hostName});
  const say = createNotices(stderr, options.quiet);
  warnOfFallback(why, stderr);
  for (const note of notes) say(`without ${note}`);
  for (const remark of options.remarks) say(remark);
  const named = await addNames(sortSockets(sockets, options.sort), options, say);
  const {reportSockets} = await import('../../format/reports/sockets.js');
  await printReport(
    reportSockets(named, options.kinds, peers),
    {...options, nameNetns: createNetnsNamer()},
    output,
    stdout,
  );
  return ExitCode.DONE;
}
