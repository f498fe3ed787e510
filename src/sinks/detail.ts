/** What an event tells beyond who and where, in words: the last column of the table. */
import {formatMicroseconds} from '../model/duration.js';
import type {CloseEvent, Names, TraceEvent} from '../model/event.js';
import {escapeText} from '../terminal/escape.js';

/** As much of a container's id as people write. */
const SHORT_ID = 12;

function microseconds(name: string, us: number | undefined): string {
  return us === undefined ? '' : `${name}=${formatMicroseconds(us)}`;
}

function fact(name: string, value: string | number | undefined): string {
  return value === undefined ? '' : `${name}=${String(value)}`;
}

function owner({owner_pid, owner_comm}: CloseEvent): string {
  if (owner_pid === undefined) return '';
  return `owner=${String(owner_pid)}/${escapeText(owner_comm ?? '')}`;
}

function facts(event: TraceEvent): readonly string[] {
  switch (event.event) {
    case 'connect':
      return [event.direction, microseconds('latency', event.latency_us)];
    case 'accept':
    case 'open':
      return [event.direction];
    case 'fail':
      return [event.error ?? '', microseconds('latency', event.latency_us)];
    case 'close':
      return [
        event.direction,
        microseconds('duration', event.duration_us),
        fact('tx', event.tx_bytes),
        fact('rx', event.rx_bytes),
        microseconds('rtt', event.rtt_us),
        fact('retrans', event.retrans),
        fact('ended-by', event.ended_by),
        owner(event),
      ];
    case 'lost':
      return [`${String(event.count)} events lost`];
  }
}

function name(title: string, text: string | undefined): string {
  return text === undefined ? '' : `${title}=${escapeText(text)}`;
}

function names({user, raddr_name, service, container, container_name, pod, pod_namespace, args}: Names) {
  const place = pod_namespace === undefined || pod === undefined ? pod : `${pod_namespace}/${pod}`;
  return [
    name('user', user),
    name('host', raddr_name),
    name('service', service),
    name('container', container_name ?? container?.slice(0, SHORT_ID)),
    name('pod', place),
    name('args', args),
  ];
}

/** `out duration=1.234ms tx=12 rx=4096 ...`; what is unknown is left out. */
export function formatDetail(event: TraceEvent): string {
  const all = event.event === 'lost' ? facts(event) : [...facts(event), ...names(event)];
  return all.filter((text) => text !== '').join(' ');
}
