/** Parses lines of /proc/PID/net/tcp and tcp6 (tcp4_seq_show() of net/ipv4/tcp_ipv4.c, tcp6_seq_show() of net/ipv6/tcp_ipv6.c). */
import {IPV4_MAPPED} from '../../kernel/address.js';
import {Cursor} from './cursor.js';
import {
  createRowNumbers,
  parseNumbersAfterInode,
  parseNumbersBeforeInode,
  type RowNumbers,
} from './row-numbers.js';
import {REMOTE, LOCAL, PORTS, WORDS} from './endpoints.js';

/** File of a line: 4 for tcp, 6 for tcp6, which also has IPv4 connections of IPv6 sockets. */
export type Table = 4 | 6;

/** Fields of a line; each line overwrites them. */
export interface TcpRow {
  readonly endpoints: Uint32Array;
  /** A TcpState or another state number. */
  state: number;
  /** 0 if no file refers to the socket: TIME_WAIT, requests, unaccepted or closed connections. */
  inode: number;
  /** Undefined unless asked for. */
  readonly numbers: RowNumbers | undefined;
}

export interface RowParser {
  /** Fields of the last valid line. */
  readonly row: TcpRow;
  /** Parses bytes[start..end); returns false for an invalid line, which leaves `row` undefined. */
  parse(table: Table, bytes: Buffer, start: number, end: number): boolean;
}

const COLON = 0x3a;

/** Between state and inode: queues, timer, retransmissions, uid, timeout. */
const SKIPPED_WORDS = 5;

function skipNumbers(cursor: Cursor): boolean {
  for (let i = 0; i < SKIPPED_WORDS; i++) if (!cursor.skipWord()) return false;
  return true;
}

/** Parses the fields after the state, up to the inode; returns the inode, or -1 if invalid. */
function parseInode(cursor: Cursor, numbers: RowNumbers | undefined): number {
  if (numbers === undefined ? !skipNumbers(cursor) : !parseNumbersBeforeInode(cursor, numbers)) return -1;
  const inode = cursor.skipSpaces() ? cursor.decimal() : -1;
  return cursor.isAtWordEnd() ? inode : -1;
}

/** @param withNumbers fills `row.numbers`, which takes time */
export function createRowParser(withNumbers = false): RowParser {
  const numbers = withNumbers ? createRowNumbers() : undefined;
  const row: TcpRow = {endpoints: new Uint32Array(WORDS), state: 0, inode: 0, numbers};
  const {endpoints} = row;
  const cursor = new Cursor();

  function parseWord(index: number): boolean {
    const value = cursor.hex(8);
    endpoints[index] = value;
    return value >= 0;
  }

  /** Parses an address, which the kernel prints as 32-bit words in host byte order. */
  function parseAddress(table: Table, at: number): boolean {
    if (table === 6) return parseWord(at) && parseWord(at + 1) && parseWord(at + 2) && parseWord(at + 3);
    endpoints[at] = 0;
    endpoints[at + 1] = 0;
    endpoints[at + 2] = IPV4_MAPPED;
    return parseWord(at + 3);
  }

  /** Parses an address and a port; returns the port, or -1 if invalid. */
  function parseEndpoint(table: Table, at: number): number {
    return cursor.skipSpaces() && parseAddress(table, at) && cursor.skip(COLON) ? cursor.hex(4) : -1;
  }

  function parseEndpoints(table: Table): boolean {
    const local = parseEndpoint(table, LOCAL);
    const remote = local < 0 ? -1 : parseEndpoint(table, REMOTE);
    endpoints[PORTS] = (local << 16) | remote;
    return remote >= 0;
  }

  return {
    row,
    parse(table, bytes, start, end) {
      cursor.set(bytes, start, end);
      cursor.skipSpaces();
      if (cursor.decimal() < 0 || !cursor.skip(COLON) || !parseEndpoints(table)) return false;
      row.state = cursor.skipSpaces() ? cursor.hex(2) : -1;
      row.inode = row.state < 0 ? -1 : parseInode(cursor, numbers);
      if (numbers !== undefined && row.inode >= 0) parseNumbersAfterInode(cursor, numbers);
      return row.inode >= 0;
    },
  };
}
