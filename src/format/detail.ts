/** Formats the remaining facts of an event in words, for the last column of the table. */
import type {
  AcceptEvent,
  CloseEvent,
  ConnectEvent,
  ConnectionEvent,
  FailEvent,
  Names,
  Totals,
  TraceEvent,
  UpdateEvent,
} from '../model/event.js';
import {escapeText} from '../terminal/escape.js';
import {cutEnd, textWidth} from '../terminal/width.js';
import {nameContainer, namePod} from './table/cells.js';
import type {Notation} from './notation.js';
import {formatPeer} from './parties.js';

/** Facts about the row that the words are part of. */
interface Row {
  /** Names of the columns that the row shows. */
  readonly shown: ReadonlySet<string>;
  readonly notation: Notation;
}

function fact(name: string, value: string | number | undefined): string {
  return value === undefined ? '' : `${name}=${String(value)}`;
}

function us({notation}: Row, value: number | undefined): string | undefined {
  return value === undefined ? undefined : notation.microseconds(value);
}

function bytes({notation}: Row, value: number | undefined): string | undefined {
  return value === undefined ? undefined : notation.bytes(value);
}

function owner({owner_pid, owner_comm}: CloseEvent): string {
  if (owner_pid === undefined) return '';
  return `owner=${String(owner_pid)}/${escapeText(owner_comm ?? '')}`;
}

/** Formats SYN retransmissions; omits 0, the usual value. */
function synRetrans({syn_retrans}: ConnectEvent | AcceptEvent | FailEvent): string {
  return syn_retrans === 0 ? '' : fact('syn-retrans', syn_retrans);
}

function moved({tx_bytes, rx_bytes}: Totals, row: Row): readonly string[] {
  return [fact('tx', bytes(row, tx_bytes)), fact('rx', bytes(row, rx_bytes))];
}

function quality({rtt_us, retrans}: Totals, row: Row): readonly string[] {
  return [fact('rtt', us(row, rtt_us)), fact('retrans', retrans)];
}

function updateFacts(event: UpdateEvent, row: Row): readonly string[] {
  const {delivery_rate_bps: rate} = event;
  return [
    fact('cwnd', event.cwnd),
    fact('rate', rate === undefined ? undefined : `${row.notation.bitsPerSecond(rate)}bps`),
    fact('unacked', event.unacked),
    fact('tx-queue', bytes(row, event.tx_queue_bytes)),
    fact('rx-queue', bytes(row, event.rx_queue_bytes)),
    fact('reordered', event.reordered === 0 ? undefined : event.reordered),
  ];
}

/** Formats what happened, the most important first. @param isBrief leaves out names of facts that explain themselves */
function mainFacts(event: TraceEvent, row: Row, isBrief: boolean): readonly string[] {
  const label = (name: string, value: string | undefined): string =>
    isBrief ? (value ?? '') : fact(name, value);
  switch (event.event) {
    case 'connect':
      return [label('latency', us(row, event.latency_us)), synRetrans(event)];
    case 'accept':
      return [label('delay', us(row, event.accept_delay_us)), synRetrans(event)];
    case 'open':
      return [];
    case 'fail':
      return [event.error ?? '', label('latency', us(row, event.latency_us)), synRetrans(event)];
    case 'close':
      return [
        label('duration', us(row, event.duration_us)),
        ...moved(event, row),
        label('ended-by', event.ended_by),
      ];
    case 'update':
      return [event.state, ...moved(event, row)];
    case 'lost':
      return [`${String(event.count)} events lost`];
  }
}

function minorFacts(event: TraceEvent, row: Row): readonly string[] {
  if (event.event === 'close') return [...quality(event, row), owner(event)];
  return event.event === 'update' ? [...quality(event, row), ...updateFacts(event, row)] : [];
}

function direction(event: TraceEvent, {shown}: Row): string {
  if (event.event === 'lost' || event.event === 'fail' || shown.has('arrow')) return '';
  return event.direction;
}

function name(title: string, text: string | undefined): string {
  return text === undefined ? '' : `${title}=${escapeText(text)}`;
}

function placePeer({
  peer_container: container,
  peer_container_name: container_name,
}: Names): string | undefined {
  return nameContainer({container, container_name});
}

/** Formats the names that no other column of the row shows. */
function names(all: ConnectionEvent, {shown}: Row): readonly string[] {
  const isNamed = shown.has('other');
  const named = {
    peer: isNamed ? undefined : formatPeer(all),
    'peer-container': placePeer(all),
    user: all.user,
    host: isNamed ? undefined : all.raddr_name,
    service: all.service,
    container: nameContainer(all),
    pod: namePod(all),
    args: all.args,
  };
  return Object.entries(named).map(([title, text]) => (shown.has(title) ? '' : name(title, text)));
}

function outcome(event: TraceEvent, row: Row): string {
  switch (event.event) {
    case 'connect':
      return us(row, event.latency_us) ?? '';
    case 'accept':
      return us(row, event.accept_delay_us) ?? '';
    case 'open':
      return direction(event, row);
    case 'fail':
      return event.error ?? '';
    case 'close':
      return `${us(row, event.duration_us) ?? ''} ${event.ended_by ?? ''}`.trim();
    case 'update':
      return moved(event, row).join(' ').trim();
    case 'lost':
      return `${String(event.count)} lost`;
  }
}

function namesOf(event: TraceEvent, row: Row): readonly string[] {
  return event.event === 'lost' ? [] : names(event, row);
}

function join(facts: readonly string[]): string {
  return facts.filter((text) => text !== '').join(' ');
}

/** Formats all facts: `out duration=1.23ms tx=12 rx=4.00K ...`, without unknown ones and names that the row shows elsewhere. */
export function formatDetail(event: TraceEvent, row: Row): string {
  return join([
    direction(event, row),
    ...mainFacts(event, row, false),
    ...namesOf(event, row),
    ...minorFacts(event, row),
  ]);
}

/** Least width of a name that is cut. */
const MIN_NAME = 10;

/** Formats as many facts as fit in `width`, the most important first. Names may be cut, other facts are whole or left out. */
export function fitDetail(event: TraceEvent, row: Row, width: number): string {
  let text = '';
  const add = (fact: string, canCut: boolean): void => {
    const room = width - textWidth(text) - (text === '' ? 0 : 1);
    const isCut = textWidth(fact) > room;
    if (fact === '' || (isCut && text !== '' && !(canCut && room >= MIN_NAME))) return;
    text = join([text, cutEnd(fact, room)]);
  };
  for (const fact of [direction(event, row), ...mainFacts(event, row, true)]) add(fact, false);
  for (const fact of namesOf(event, row)) add(fact, true);
  for (const fact of minorFacts(event, row)) add(fact, false);
  return text;
}

/** Formats the main fact in a word or two, for narrow terminals. */
export function formatOutcome(event: TraceEvent, row: Row): string {
  return join([outcome(event, row), ...namesOf(event, row)]);
}
