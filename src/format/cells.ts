/** Formats values as cells of tables. */
import type {Subject} from '../aggregate/subject.js';
import {escapeText} from '../terminal/escape.js';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export const UNKNOWN = '-';

export function orUnknown(value: number | undefined): string {
  return value === undefined ? UNKNOWN : String(value);
}

/** Formats the name of a process, which is untrusted text. */
export function formatComm(comm: string | undefined): string {
  return comm === undefined || comm === '' ? UNKNOWN : escapeText(comm);
}

/** Formats an endpoint, such as `[::1]:80`; `*` stands for an unknown part. */
export function formatEndpoint(family: 4 | 6, address: string | undefined, port: number | undefined): string {
  if (address === undefined && port === undefined) return UNKNOWN;
  const host = address === undefined ? '*' : family === 6 ? `[${address}]` : address;
  return `${host}:${port === undefined ? '*' : String(port)}`;
}

/**
 * Formats the name of a row: `4711 curl`, `192.0.2.1:443`, or `192.0.2.1` for connections that it opened.
 *
 * @param pidWidth pads the pid on the left
 */
export function formatSubject(subject: Subject, pidWidth = 0): string {
  switch (subject.kind) {
    case 'process':
      return `${orUnknown(subject.pid).padStart(pidWidth)} ${formatComm(subject.comm)}`;
    case 'remote': {
      const {family, address, port} = subject;
      return port === undefined ? address : formatEndpoint(family, address, port);
    }
    case 'others':
      return 'others';
  }
}
