/** Formats each event as one line that reads like a sentence. */
import type {CloseEvent, ConnectionEvent, Names, Totals, TraceEvent} from '../model/event.js';
import type {Paint} from '../terminal/paint.js';
import {escapeText} from '../terminal/escape.js';
import {nameContainer, namePod} from './table/cells.js';
import type {Formatter} from './formatter.js';
import type {Notation} from './notation.js';
import {formatArrow, formatOpener, formatOther, formatPeer, formatProcess} from './parties.js';
import {createTimeFormatter, shortenTime, type TimeStyle} from './times.js';

export interface CompactOptions {
  readonly time: TimeStyle;
  readonly notation: Notation;
}

/** Puts a space between a number and its unit: `8.4 ms`, `1.21 KiB`; bytes without a prefix get their unit. */
function spell(text: string, unit: 'B' | '' = ''): string {
  const [, amount = text, prefix = ''] = /^([\d.]+)([A-Za-z]*)$/.exec(text) ?? [];
  if (unit === '') return prefix === '' || /\d/.test(prefix) ? text : `${amount} ${prefix}`;
  return `${amount} ${prefix === '' ? 'B' : `${prefix}iB`}`;
}

type Spelling = Notation & {
  readonly size: (bytes: number) => string;
  readonly after: (us: number | undefined) => string;
};

function createSpelling(notation: Notation): Spelling {
  return {
    ...notation,
    size: (bytes) => spell(notation.bytes(bytes), 'B'),
    after: (us) => (us === undefined ? '' : ` after ${spell(notation.microseconds(us))}`),
  };
}

function moved({tx_bytes, rx_bytes}: Totals, {size}: Spelling): readonly string[] {
  return [
    tx_bytes === undefined ? '' : `sent ${size(tx_bytes)}`,
    rx_bytes === undefined ? '' : `received ${size(rx_bytes)}`,
  ];
}

function retransmissions(count: number | undefined): string {
  if (count === undefined || count === 0) return '';
  return `${String(count)} ${count === 1 ? 'retransmission' : 'retransmissions'}`;
}

/** Names the side that ended a connection, and how. */
function formatEnd(event: CloseEvent): string {
  const local = event.owner_pid === undefined ? escapeText(event.comm ?? 'this side') : formatProcess(event);
  const remote = formatPeer(event)?.replace(/\[\d+\]$/, '') ?? 'the peer';
  switch (event.ended_by) {
    case 'local':
      return `closed by ${local}`;
    case 'remote':
      return `closed by ${remote}`;
    case 'local-reset':
      return `reset by ${local}`;
    case 'remote-reset':
      return `reset by ${remote}`;
    case 'timeout':
      return 'timed out';
    case undefined:
      return 'closed';
  }
}

/** Returns what happened, and the facts about it. */
function narrate(
  event: ConnectionEvent,
  spelling: Spelling,
): readonly [happened: string, facts: readonly string[]] {
  const {after} = spelling;
  switch (event.event) {
    case 'connect':
      return [`connected${after(event.latency_us)}`, [retransmissions(event.syn_retrans)]];
    case 'accept':
      return [`accepted${after(event.accept_delay_us)}`, [retransmissions(event.syn_retrans)]];
    case 'open':
      return ['open since before the trace', []];
    case 'fail':
      return [
        `failed${event.error === undefined ? '' : ` with ${event.error}`}${after(event.latency_us)}`,
        [retransmissions(event.syn_retrans)],
      ];
    case 'close':
      return [
        formatEnd(event) + after(event.duration_us),
        [...moved(event, spelling), retransmissions(event.retrans)],
      ];
    case 'update': {
      const rtt =
        event.rtt_us === undefined ? '' : `round-trip time ${spell(spelling.microseconds(event.rtt_us))}`;
      return [event.state, [...moved(event, spelling), rtt, retransmissions(event.retrans)]];
    }
  }
}

function namesOf(names: Names): readonly string[] {
  const {user, service, args} = names;
  const all = {user, service, container: nameContainer(names), pod: namePod(names), args};
  return Object.entries(all).map(([title, text]) =>
    text === undefined ? '' : `${title} ${escapeText(text)}`,
  );
}

export function createCompact(paint: Paint, {time, notation}: CompactOptions): Formatter {
  const formatTime = createTimeFormatter(time);
  const spelling = createSpelling(notation);

  function formatConnection(event: ConnectionEvent): string {
    const [happened, facts] = narrate(event, spelling);
    const parties = `${formatOpener(event)} ${formatArrow(event)} ${formatOther(event)}`;
    const all = [...facts, ...namesOf(event)].filter((text) => text !== '');
    return [`${parties} ${paint.event(event.event, happened)}`, ...all].join(', ');
  }

  function format(event: TraceEvent): string {
    const sentence =
      event.event === 'lost'
        ? paint.event('lost', `${String(event.count)} ${event.count === 1 ? 'event' : 'events'} lost`)
        : formatConnection(event);
    return `${shortenTime(formatTime(event.time))} ${sentence}\n`;
  }

  return {format};
}
