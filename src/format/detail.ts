/** Formats the remaining facts of an event in words, for the last column of the table. */
import {formatMicroseconds} from '../model/units/duration.js';
import type {
  AcceptEvent,
  CloseEvent,
  ConnectEvent,
  FailEvent,
  Names,
  Totals,
  TraceEvent,
  UpdateEvent,
} from '../model/event.js';
import {escapeText} from '../terminal/escape.js';
import {nameContainer, namePod} from './cells.js';

function formatUs(us: number | undefined): string | undefined {
  return us === undefined ? undefined : formatMicroseconds(us);
}

function fact(name: string, value: string | number | undefined): string {
  return value === undefined ? '' : `${name}=${String(value)}`;
}

function owner({owner_pid, owner_comm}: CloseEvent): string {
  if (owner_pid === undefined) return '';
  return `owner=${String(owner_pid)}/${escapeText(owner_comm ?? '')}`;
}

/** Formats SYN retransmissions; omits 0, the usual value. */
function synRetrans({syn_retrans}: ConnectEvent | AcceptEvent | FailEvent): string {
  return syn_retrans === 0 ? '' : fact('syn-retrans', syn_retrans);
}

function totals({tx_bytes, rx_bytes, rtt_us, retrans}: Totals): readonly string[] {
  return [
    fact('tx', tx_bytes),
    fact('rx', rx_bytes),
    fact('rtt', formatUs(rtt_us)),
    fact('retrans', retrans),
  ];
}

function updateFacts(event: UpdateEvent): readonly string[] {
  const {delivery_rate_bps: rate} = event;
  return [
    event.direction,
    event.state,
    ...totals(event),
    fact('cwnd', event.cwnd),
    fact('rate', rate === undefined ? undefined : `${String(rate)}bps`),
    fact('unacked', event.unacked),
    fact('tx-queue', event.tx_queue_bytes),
    fact('rx-queue', event.rx_queue_bytes),
    fact('reordered', event.reordered === 0 ? undefined : event.reordered),
  ];
}

function facts(event: TraceEvent): readonly string[] {
  switch (event.event) {
    case 'connect':
      return [event.direction, fact('latency', formatUs(event.latency_us)), synRetrans(event)];
    case 'accept':
      return [event.direction, fact('delay', formatUs(event.accept_delay_us)), synRetrans(event)];
    case 'open':
      return [event.direction];
    case 'fail':
      return [event.error ?? '', fact('latency', formatUs(event.latency_us)), synRetrans(event)];
    case 'close':
      return [
        event.direction,
        fact('duration', formatUs(event.duration_us)),
        ...totals(event),
        fact('ended-by', event.ended_by),
        owner(event),
      ];
    case 'update':
      return updateFacts(event);
    case 'lost':
      return [`${String(event.count)} events lost`];
  }
}

function name(title: string, text: string | undefined): string {
  return text === undefined ? '' : `${title}=${escapeText(text)}`;
}

/** Names of the columns that a row shows. */
type Shown = ReadonlySet<string>;

const NOTHING: Shown = new Set();

function names(all: Names, shown: Shown): readonly string[] {
  const named = {
    user: all.user,
    host: all.raddr_name,
    service: all.service,
    container: nameContainer(all),
    pod: namePod(all),
    args: all.args,
  };
  return Object.entries(named).map(([title, text]) => (shown.has(title) ? '' : name(title, text)));
}

function outcome(event: TraceEvent): string {
  switch (event.event) {
    case 'connect':
      return formatUs(event.latency_us) ?? '';
    case 'accept':
    case 'open':
      return event.direction;
    case 'fail':
      return event.error ?? '';
    case 'close':
      return `${formatUs(event.duration_us) ?? ''} ${event.ended_by ?? ''}`.trim();
    case 'update':
      return [fact('tx', event.tx_bytes), fact('rx', event.rx_bytes)].join(' ').trim();
    case 'lost':
      return `${String(event.count)} lost`;
  }
}

function join(facts: readonly string[], event: TraceEvent, shown: Shown): string {
  const all = event.event === 'lost' ? facts : [...facts, ...names(event, shown)];
  return all.filter((text) => text !== '').join(' ');
}

/** Formats all facts: `out duration=1.234ms tx=12 rx=4096 ...`, without unknown ones and names that the row shows elsewhere. */
export function formatDetail(event: TraceEvent, shown = NOTHING): string {
  return join(facts(event), event, shown);
}

/** Formats the main fact in a word or two, for narrow terminals. */
export function formatOutcome(event: TraceEvent, shown = NOTHING): string {
  return join([outcome(event)], event, shown);
}
