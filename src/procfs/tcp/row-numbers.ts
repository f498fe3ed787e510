/** Parses the numbers that a line of /proc/net/tcp has besides endpoints, state and inode. */
import {TIMER_NAMES, type TimerName} from '../../model/socket.js';
import type {Cursor} from './cursor.js';

/** Numbers of a line, as the kernel prints them; -1 for one that is missing. */
export interface RowNumbers {
  txQueue: number;
  /** The used backlog if the socket is a listener. */
  rxQueue: number;
  /** As in struct inet_diag_msg. */
  timer: number;
  /** Time until the timer expires, in units of 1/100 s (USER_HZ). */
  timerTicks: number;
  retransmits: number;
  probes: number;
  /** -1 in TIME_WAIT and for a connection request, which are no full sockets. */
  cwnd: number;
}

const COLON = 0x3a;

/** USER_HZ is 100 on every architecture that tcptrace supports. */
const MS_PER_TICK = 10;

export function createRowNumbers(): RowNumbers {
  return {txQueue: -1, rxQueue: -1, timer: -1, timerTicks: -1, retransmits: -1, probes: -1, cwnd: -1};
}

/** Parses the fields between state and inode; returns false if they are invalid. */
export function parseNumbersBeforeInode(cursor: Cursor, numbers: RowNumbers): boolean {
  const pair = (digits: number, take: (first: number, second: number) => void): boolean => {
    if (!cursor.skipSpaces()) return false;
    const first = cursor.hex(digits);
    if (first < 0 || !cursor.skip(COLON)) return false;
    const second = cursor.hex(8);
    take(first, second);
    return second >= 0;
  };
  const hasPairs =
    pair(8, (tx, rx) => {
      numbers.txQueue = tx;
      numbers.rxQueue = rx;
    }) &&
    pair(2, (timer, ticks) => {
      numbers.timer = timer;
      numbers.timerTicks = ticks;
    });
  if (!hasPairs || !cursor.skipSpaces()) return false;
  numbers.retransmits = cursor.hex(8);
  // uid
  if (numbers.retransmits < 0 || !cursor.skipWord() || !cursor.skipSpaces()) return false;
  numbers.probes = cursor.decimal();
  return numbers.probes >= 0;
}

/** Between inode and congestion window: references, address, three timeouts. */
const SKIPPED_WORDS = 5;

/** Parses the fields after the inode. */
export function parseNumbersAfterInode(cursor: Cursor, numbers: RowNumbers): void {
  numbers.cwnd = -1;
  for (let i = 0; i < SKIPPED_WORDS; i++) if (!cursor.skipWord()) return;
  numbers.cwnd = cursor.skipSpaces() ? cursor.decimal() : -1;
}

/** The numbers in a listing. */
export interface ListedNumbers {
  readonly tx_queue_bytes: number | undefined;
  readonly rx_queue_bytes: number | undefined;
  readonly cwnd: number | undefined;
  readonly timer: TimerName | undefined;
  readonly timer_ms: number | undefined;
  readonly timer_retrans: number | undefined;
  readonly backlog: number | undefined;
}

/** Converts the numbers of a line to those of a listing. */
export function listNumbers(numbers: RowNumbers, isListener: boolean): ListedNumbers {
  const timer = TIMER_NAMES[numbers.timer];
  const isFull = numbers.cwnd >= 0 && !isListener;
  const retrans = timer === 'on' || timer === 'timewait' ? numbers.retransmits : numbers.probes;
  return {
    tx_queue_bytes: isFull ? numbers.txQueue : undefined,
    rx_queue_bytes: isFull ? numbers.rxQueue : undefined,
    cwnd: isFull ? numbers.cwnd : undefined,
    timer,
    timer_ms: timer === undefined ? undefined : numbers.timerTicks * MS_PER_TICK,
    timer_retrans: timer === undefined ? undefined : retrans,
    backlog: isListener ? numbers.rxQueue : undefined,
  };
}
