/** What a trace came to, for each process and for each remote end. */
import type {ConnectionEvent, TraceEvent} from '../model/event.js';
import type {Paint} from '../terminal/paint.js';
import {formatRemote, orUnknown} from '../format/cells.js';
import {formatFrame} from '../format/frame.js';
import {asOwner, nameProcess, processKey} from './processes.js';
import {OTHERS, rowOf} from '../format/rows.js';
import {addTo, NO_SUMS, type Sums} from './sums.js';

interface Row extends Sums {
  readonly name: string;
  connects: number;
  accepts: number;
  closes: number;
}

export interface Stats {
  readonly add: (event: TraceEvent) => void;
  /** Two tables, those with most events first; a line feed at the end. */
  readonly format: (paint: Paint) => string;
}

const SHOWN = 20;

function createRow(name: string): Row {
  return {name, connects: 0, accepts: 0, closes: 0, ...NO_SUMS};
}

function count(row: Row, event: ConnectionEvent): void {
  if (event.event === 'connect') row.connects += 1;
  if (event.event === 'accept') row.accepts += 1;
  if (event.event === 'close') row.closes += 1;
  addTo(row, event);
}

function eventsOf({connects, accepts, fails = 0, closes}: Row): number {
  return connects + accepts + fails + closes;
}

const TITLES = ['CONNECT', 'ACCEPT', 'FAIL', 'CLOSE', 'TX BYTES', 'RX BYTES'];

function formatRows(title: string, rows: ReadonlyMap<string, Row>, paint: Paint): string {
  const sorted = [...rows.values()].sort((a, b) => eventsOf(b) - eventsOf(a));
  const cells = sorted
    .slice(0, SHOWN)
    .map(({name, connects, accepts, fails, closes, txBytes, rxBytes}) => [
      name,
      ...[connects, accepts, fails, closes, txBytes, rxBytes].map(orUnknown),
    ]);
  const more = sorted.length - SHOWN;
  return formatFrame([title, ...TITLES], paint, cells) + (more > 0 ? `and ${String(more)} more\n` : '');
}

export function createStats(): Stats {
  const processes = new Map<string, Row>();
  const remotes = new Map<string, Row>();
  return {
    add(event) {
      if (event.event === 'lost' || event.event === 'open') return;
      const own = asOwner(event);
      // the first name is kept
      const createProcess = (key: string): Row => createRow(key === OTHERS ? key : nameProcess(own));
      count(rowOf(processes, processKey(own), createProcess), own);
      count(rowOf(remotes, formatRemote(event), createRow), event);
    },
    format: (paint) => formatRows('PROCESS', processes, paint) + formatRows('REMOTE END', remotes, paint),
  };
}
