/** Throughput of a bulk transfer on loopback, with and without a tracer in turn. */
import {quantile} from '#dist/compare/quantile.js';
import {Actor} from '../../test/helpers/actor.js';
import {connectPair} from '../../test/helpers/pair.js';
import {median, round, type Row} from '../report.js';
import {startTraced} from '../traced.js';

/** Sends over a new connection; returns bytes per nanosecond. */
async function transfer(sender: Actor, receiver: Actor, bytes: number): Promise<number> {
  const {client, server, listener} = await connectPair(sender, '127.0.0.1', {server: receiver});
  const sending = await sender.background('send', client.fd, bytes);
  const {before, after} = await receiver.do('recv', server.fd, bytes);
  await sending.join();
  for (const sock of [client, server, listener]) await sock.close();
  return bytes / Number(after - before);
}

/** @param pairs number of pairs of transfers, of which one is traced; the first of each is so in every other pair */
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
    const alone: number[] = [];
    const ratios: number[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      const speeds = new Map<boolean, number>();
      for (const isTraced of pair % 2 === 0 ? [false, true] : [true, false]) {
        const traced = isTraced ? await startTraced(['--ndjson', '--update', interval], 'ignore') : undefined;
        speeds.set(isTraced, await transfer(sender, receiver, bytes));
        await traced?.stop();
      }
      alone.push(speeds.get(false) ?? NaN);
      ratios.push((speeds.get(true) ?? NaN) / (speeds.get(false) ?? NaN));
    }
    rows.push({
      '--update': interval,
      pairs,
      'GB/s alone': round(median(alone), 2),
      'with / without, median': round(median(ratios), 3),
      quartiles: [0.25, 0.75].map((at) => quantile(ratios, at).toFixed(3)).join(' to '),
      'least to most': [Math.min(...ratios), Math.max(...ratios)].map((it) => it.toFixed(3)).join(' to '),
    });
  }
  return rows;
}
