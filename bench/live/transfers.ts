/** Throughput of a bulk transfer on loopback beside a tracer, with and without `--update` in turn. */
import {quantile} from '#dist/compare/quantile.js';
import {readUsage} from '#dist/procfs/usage.js';
import {Actor} from '../../test/helpers/actor.js';
import {connectPair} from '../../test/helpers/pair.js';
import {median, round, type Row} from '../report.js';
import {startTraced} from '../traced.js';

interface Transfer {
  /** Bytes per nanosecond. */
  readonly speed: number;
  /** CPU time of both processes, in milliseconds; other load does not change it much. */
  readonly cpuMs: number;
}

function cpuOf(...actors: readonly Actor[]): number {
  return actors.reduce((sum, {pid}) => sum + (readUsage(pid)?.cpuMs ?? NaN), 0);
}

/** Sends over a new connection. */
async function transfer(sender: Actor, receiver: Actor, bytes: number): Promise<Transfer> {
  const {client, server, listener} = await connectPair(receiver, '127.0.0.1', {server: sender});
  const cpuBefore = cpuOf(sender, receiver);
  const receiving = await receiver.background('recv', client.fd, bytes);
  await sender.do('send', server.fd, bytes);
  const cpuMs = cpuOf(sender, receiver) - cpuBefore;
  const {before, after} = await receiving.join();
  for (const sock of [client, server, listener]) await sock.close();
  return {speed: bytes / Number(after - before), cpuMs};
}

/** Formats the median and the quartiles of ratios. */
function spread(ratios: readonly number[]): string {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((at) => quantile(ratios, at).toFixed(3));
  return `${String(middle)} (${String(low)} to ${String(high)})`;
}

/** @param pairs number of pairs of transfers; in every other pair, the one with `--update` comes first */
export async function measureTransfers(
  intervals: readonly string[],
  pairs: number,
  mebibytes: number,
): Promise<Row[]> {
  await using sender = await Actor.start();
  await using receiver = await Actor.start();
  const bytes = mebibytes * 2 ** 20;
  const rows: Row[] = [];
  for (const interval of intervals) {
    const without: Transfer[] = [];
    const during: Transfer[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      for (const updates of pair % 2 === 0 ? [false, true] : [true, false]) {
        const traced = await startTraced(['--ndjson', ...(updates ? ['--update', interval] : [])], 'ignore');
        (updates ? during : without).push(await transfer(sender, receiver, bytes));
        await traced.stop();
      }
    }
    const ratios = (of: keyof Transfer): string =>
      spread(during.map((each, index) => each[of] / (without[index]?.[of] ?? NaN)));
    rows.push({
      '--update': interval,
      pairs,
      'GB/s without': round(median(without.map(({speed}) => speed)), 2),
      'throughput, with / without': ratios('speed'),
      'CPU time, with / without': ratios('cpuMs'),
    });
  }
  return rows;
}
