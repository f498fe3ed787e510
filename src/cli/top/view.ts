/** State of the view of `tcptrace top`, and the effect of keys. */
import {canSortBy, SORT_KEYS} from '../../format/reports/activity/sort.js';
import type {ActivityView} from '../../format/reports/activity/table.js';
import {createTimeFormatter, type LocalTimeFormatter, type TimeStyle} from '../../format/times.js';
import {GROUPINGS} from '../../aggregate/activity.js';
import {formatMicroseconds} from '../../model/units/format.js';
import type {Key} from '../../terminal/keys.js';

export interface TopView extends ActivityView {
  /** True if updates are paused. */
  readonly isPaused: boolean;
  /** True while a filter is typed. */
  readonly isTyping: boolean;
  readonly isReversed: boolean;
  /** True while the screen explains the keys. */
  readonly showsKeys: boolean;
  /** Number of rows above the screen. */
  readonly offset: number;
  readonly intervalMs: number;
}

/** Numbers of rows. */
export interface Extent {
  /** Rows of the whole table. */
  readonly total: number;
  /** Rows that fit on the screen. */
  readonly page: number;
}

export function initialView(options: Omit<ActivityView, 'filter'> & Pick<TopView, 'intervalMs'>): TopView {
  const {grouping, sort, source, nameColumns, columns, peers, intervalMs} = options;
  const shown = {grouping, sort, source, nameColumns, columns, peers, intervalMs, filter: '', offset: 0};
  return {...shown, isPaused: false, isTyping: false, isReversed: false, showsKeys: false};
}

/** Returns the number of rows above the screen, so that the screen is full if there are enough rows. */
export function clampOffset(offset: number, {total, page}: Extent): number {
  return Math.max(0, Math.min(offset, total - page));
}

const INTERVALS_MS = [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];

function longerInterval(ms: number): number {
  return INTERVALS_MS.find((known) => known > ms) ?? ms;
}

function shorterInterval(ms: number): number {
  return INTERVALS_MS.findLast((known) => known < ms) ?? ms;
}

/** Returns a formatter of times for titles: time of day as `HH:MM:SS`, or elapsed seconds. */
export function createClock(style: TimeStyle): LocalTimeFormatter {
  const format = createTimeFormatter(style);
  return style === 'absolute' ? (time) => format(time).slice(0, 'HH:MM:SS'.length) : format;
}

/** Returns the next element, or the first. */
function next<T>(values: readonly T[], value: T): T {
  return values[(values.indexOf(value) + 1) % values.length] ?? value;
}

function nextSort({sort, source}: TopView): TopView['sort'] {
  const known = SORT_KEYS.filter((key) => canSortBy(source, key));
  return next(known, sort);
}

const MAX_FILTER = 64;

function type(view: TopView, key: Key): TopView {
  switch (key) {
    case 'enter':
      return {...view, isTyping: false};
    case 'escape':
      return {...view, isTyping: false, filter: ''};
    case 'backspace':
      return {...view, filter: view.filter.slice(0, -1)};
    default:
      return key.length === 1 && view.filter.length < MAX_FILTER
        ? {...view, filter: view.filter + key, offset: 0}
        : view;
  }
}

/** Returns the number of rows above the screen after a key; undefined if the key does not scroll. */
function scroll(offset: number, key: Key, extent: Extent): number | undefined {
  const {total, page} = extent;
  const moves: Readonly<Record<string, number>> = {
    up: offset - 1,
    down: offset + 1,
    pageup: offset - page,
    pagedown: offset + page,
    home: 0,
    end: total,
  };
  const moved = moves[key];
  return moved === undefined ? undefined : clampOffset(moved, extent);
}

/** Applies a key to the table; an unknown key returns the same view. */
function command(view: TopView, key: Key): TopView {
  switch (key) {
    case 'g':
      return {...view, grouping: next(GROUPINGS, view.grouping), offset: 0};
    case 's':
      return {...view, sort: nextSort(view), offset: 0};
    case 'r':
      return {...view, isReversed: !view.isReversed, offset: 0};
    case '+':
      return {...view, intervalMs: longerInterval(view.intervalMs)};
    case '-':
      return {...view, intervalMs: shorterInterval(view.intervalMs)};
    case 'p':
    case ' ':
      return {...view, isPaused: !view.isPaused};
    case '/':
      return {...view, isTyping: true};
    case '?':
      return {...view, showsKeys: true};
    case 'escape':
      return {...view, filter: ''};
    default:
      return view;
  }
}

/** Applies a key; an unknown key returns the same view. */
export function pressKey(view: TopView, key: Key, extent: Extent): TopView {
  if (view.isTyping) return type(view, key);
  if (view.showsKeys) return {...view, showsKeys: false};
  const offset = scroll(view.offset, key, extent);
  return offset === undefined ? command(view, key) : {...view, offset};
}

/** Formats the help line, or the filter while it is typed. */
export function describeKeys({
  sort,
  filter,
  isPaused,
  isTyping,
  isReversed,
  grouping,
  intervalMs,
}: TopView): string {
  if (isTyping) return `filter: ${filter}_   enter: done  esc: none`;
  return [
    '?: keys',
    'q: quit',
    `g: by ${next(GROUPINGS, grouping)}`,
    `s: sorted by ${sort}${isReversed ? ', reversed' : ''}`,
    `/: filter${filter === '' ? '' : ` "${filter}"`}`,
    isPaused ? 'p: go on (paused)' : 'p: pause',
    `+/-: every ${formatMicroseconds(intervalMs * 1000)}`,
  ].join('  ');
}

/** The lines that explain the keys. */
export const KEY_LINES: readonly string[] = [
  'arrows, PageUp, PageDown, Home, End   scroll',
  `g   next grouping: ${GROUPINGS.slice(0, 5).join(', ')},`,
  `    ${GROUPINGS.slice(5).join(', ')}`,
  's   sort by the next column',
  'r   reverse the order',
  '/   filter by name; Esc removes the filter',
  '+   longer interval',
  '-   shorter interval',
  'p   pause, go on',
  'q   quit',
  '',
  'any key: back to the table',
];

/** Says which rows the screen shows; undefined if it shows all. */
export function describeRows(offset: number, {total, page}: Extent): string | undefined {
  if (total <= page) return undefined;
  const below = total - offset - page;
  return `rows ${String(offset + 1)}-${String(offset + page)} of ${String(total)}: ${String(offset)} more above, ${String(below)} below`;
}
