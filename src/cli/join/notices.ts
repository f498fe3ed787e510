/** Notices about the result of a join. */
import type {ClockDifference, Clocks} from '../../aggregate/join/clocks.js';
import type {JoinCounts} from '../../aggregate/join/joiner.js';
import type {Say} from '../io/notices.js';

function describeClock({host, reference, offsetUs, connections}: ClockDifference): string {
  const seconds = (Math.abs(offsetUs) / 1e6).toFixed(6);
  const relation = offsetUs < 0 ? 'behind' : 'ahead of';
  return `the clock of ${host} is ${seconds} s ${relation} that of ${reference} (${String(connections)} connections)`;
}

export function reportClocks(clocks: Clocks, say: Say): void {
  for (const difference of clocks.differences()) say(describeClock(difference));
  const [first, ...others] = clocks.separate();
  if (first !== undefined && others.length > 0) {
    say(
      `no connection of ${others.join(', ')} has its peer on ${first}; ` +
        'if there should be some, clocks may differ by more than --window, or proxies end the connections',
    );
  }
}

function count(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? '' : 's'}`;
}

export function reportCounts(counts: JoinCounts, lost: number, say: Say): void {
  const {pairs, singles, fails, ambiguous, late, evicted} = counts;
  say(
    `${count(pairs + singles, 'connection')}: ${String(pairs)} with both sockets, ${String(singles)} with one` +
      (fails > 0 ? `; ${String(fails)} failed` : ''),
  );
  if (ambiguous > 0) say(`${count(ambiguous, 'socket')} not joined: more than two have the same flow`);
  if (late > 0) say(`${count(late, 'socket')} came after the window; raise --window`);
  if (evicted > 0) say(`${count(evicted, 'connection')} printed early to save memory; lower --window`);
  if (lost > 0) say(`${count(lost, 'event')} lost by the recordings; some connections lack a socket`);
}
