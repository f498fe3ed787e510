/**
 * Formats an event as one line of JSON, with its keys in the order of model/fields.ts. Hand-written, because this is on
 * the hot path: a line is joined from few long pieces, and repeated pieces are cached.
 */
import type {
  AcceptEvent,
  CloseEvent,
  ConnectEvent,
  ConnectionEvent,
  FailEvent,
  Totals,
  TraceEvent,
  UpdateEvent,
} from '../model/event.js';
import {NAME_FIELDS} from '../model/fields.js';
import {memoize} from '../model/basics/memo.js';
import {formatJson} from './json.js';

/** An event of a connection that was established. */
type Established = Exclude<ConnectionEvent, FailEvent>;

/** A JSON string. */
const quote = memoize((text: string) => formatJson(text));

const eventPart = memoize((event: string) => `","event":"${event}","source":"`);
const hostPart = memoize((host: string) => `,"host":${quote(host)}`);
const commPart = memoize((comm: string) => `,"comm":${quote(comm)}`);
const threadPart = memoize((thread: string) => `,"thread":${quote(thread)}`);
const ownerCommPart = memoize((comm: string) => `,"owner_comm":${quote(comm)}`);
const peerCommPart = memoize((comm: string) => `,"peer_comm":${quote(comm)}`);
const localPart = memoize((address: string) => `,"laddr":${quote(address)}`);
const remotePart = memoize((address: string) => `,"raddr":${quote(address)},"rport":`);
const zonePart = memoize((zone: string) => `,"zone":${quote(zone)}`);
const netnsPart = memoize((netns: number) => `,"netns":${String(netns)}`);
const directionPart = memoize((direction: string) => `,"direction":"${direction}"`);

function numberPart(key: string, value: number | undefined): string {
  return value === undefined ? '' : key + String(value);
}

function textPart(part: (text: string) => string, value: string | undefined): string {
  return value === undefined ? '' : part(value);
}

function processPart({pid, comm, uid, thread}: ConnectionEvent): string {
  return (
    numberPart(',"pid":', pid) +
    textPart(commPart, comm) +
    numberPart(',"uid":', uid) +
    textPart(threadPart, thread)
  );
}

function ownerPart({owner_pid, owner_comm, owner_uid}: CloseEvent): string {
  return (
    numberPart(',"owner_pid":', owner_pid) +
    textPart(ownerCommPart, owner_comm) +
    numberPart(',"owner_uid":', owner_uid)
  );
}

function socketPart(event: ConnectionEvent): string {
  return (
    (event.family === 4 ? ',"family":4' : ',"family":6') +
    textPart(localPart, event.laddr) +
    numberPart(',"lport":', event.lport) +
    remotePart(event.raddr) +
    String(event.rport) +
    textPart(zonePart, event.zone) +
    (event.netns === undefined ? '' : netnsPart(event.netns)) +
    numberPart(',"inode":', event.inode)
  );
}

function peerPart({peer_pid, peer_comm, peer_inode, peer_netns}: Established): string {
  return (
    numberPart(',"peer_pid":', peer_pid) +
    textPart(peerCommPart, peer_comm) +
    numberPart(',"peer_inode":', peer_inode) +
    numberPart(',"peer_netns":', peer_netns)
  );
}

function establishedPart(event: Established): string {
  const {flow, peer_inode, direction} = event;
  return (
    (flow === undefined ? '' : `,"flow":"${flow}"`) +
    (peer_inode === undefined ? '' : peerPart(event)) +
    directionPart(direction)
  );
}

function connectPart(event: ConnectEvent | FailEvent): string {
  return numberPart(',"latency_us":', event.latency_us) + numberPart(',"syn_retrans":', event.syn_retrans);
}

function acceptPart(event: AcceptEvent): string {
  return (
    numberPart(',"accept_delay_us":', event.accept_delay_us) +
    numberPart(',"syn_retrans":', event.syn_retrans)
  );
}

function failPart(event: FailEvent): string {
  return connectPart(event) + (event.error === undefined ? '' : `,"error":${quote(event.error)}`);
}

function totalsPart(event: Totals): string {
  return (
    numberPart(',"tx_bytes":', event.tx_bytes) +
    numberPart(',"rx_bytes":', event.rx_bytes) +
    numberPart(',"rtt_us":', event.rtt_us) +
    numberPart(',"retrans":', event.retrans)
  );
}

function updatePart(event: UpdateEvent): string {
  return (
    totalsPart(event) +
    `,"state":"${event.state}"` +
    numberPart(',"rttvar_us":', event.rttvar_us) +
    numberPart(',"min_rtt_us":', event.min_rtt_us) +
    numberPart(',"cwnd":', event.cwnd) +
    numberPart(',"delivery_rate_bps":', event.delivery_rate_bps) +
    numberPart(',"unacked":', event.unacked) +
    numberPart(',"tx_queue_bytes":', event.tx_queue_bytes) +
    numberPart(',"rx_queue_bytes":', event.rx_queue_bytes) +
    numberPart(',"reordered":', event.reordered)
  );
}

function closePart(event: CloseEvent): string {
  return (
    numberPart(',"duration_us":', event.duration_us) +
    totalsPart(event) +
    (event.ended_by === undefined ? '' : `,"ended_by":"${event.ended_by}"`)
  );
}

function detailPart(event: TraceEvent): string {
  switch (event.event) {
    case 'connect':
      return processPart(event) + socketPart(event) + establishedPart(event) + connectPart(event);
    case 'accept':
      return processPart(event) + socketPart(event) + establishedPart(event) + acceptPart(event);
    case 'open':
      return processPart(event) + socketPart(event) + establishedPart(event);
    case 'close':
      return (
        processPart(event) + ownerPart(event) + socketPart(event) + establishedPart(event) + closePart(event)
      );
    case 'fail':
      return processPart(event) + socketPart(event) + failPart(event);
    case 'update':
      return processPart(event) + socketPart(event) + establishedPart(event) + updatePart(event);
    case 'lost':
      return `,"count":${String(event.count)}`;
  }
}

/** Formats an event as one line of JSON with its line feed. Unknown fields are absent. */
export function formatNdjson(event: TraceEvent): string {
  const host = textPart(hostPart, event.host);
  return `{"time":"${event.time}${eventPart(event.event)}${event.source}"${host}${detailPart(event)}}\n`;
}

const namePart = (name: string, text: string): string => `,"${name}":${quote(text)}`;

/** Formats an event with the names that were looked up, after its other fields. */
export function formatNdjsonWithNames(event: TraceEvent): string {
  const line = formatNdjson(event);
  if (event.event === 'lost') return line;
  const names = NAME_FIELDS.map((name) => {
    const text = event[name];
    return text === undefined ? '' : namePart(name, text);
  });
  return `${line.slice(0, -2)}${names.join('')}}\n`;
}
