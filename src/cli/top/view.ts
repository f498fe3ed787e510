/** State of the view of `tcptrace top`, and the effect of keys. */
import {canSortBy, SORT_KEYS} from '../../format/reports/activity-sort.js';
import type {ActivityView} from '../../format/reports/activity-table.js';
import {createTimeFormatter, type LocalTimeFormatter, type TimeStyle} from '../../format/times.js';
import {GROUPINGS} from '../../aggregate/activity.js';
import type {Key} from '../../terminal/keys.js';

export interface TopView extends ActivityView {
  /** True if updates are paused. */
  readonly isPaused: boolean;
  /** True while a filter is typed. */
  readonly isTyping: boolean;
}

export function initialView(options: Omit<ActivityView, 'filter'>): TopView {
  const {grouping, sort, source, nameColumns, columns} = options;
  return {grouping, sort, source, nameColumns, columns, filter: '', isPaused: false, isTyping: false};
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
        ? {...view, filter: view.filter + key}
        : view;
  }
}

/** Applies a key; an unknown key returns the same view. */
export function pressKey(view: TopView, key: Key): TopView {
  if (view.isTyping) return type(view, key);
  switch (key) {
    case 'g':
      return {...view, grouping: next(GROUPINGS, view.grouping)};
    case 's':
      return {...view, sort: nextSort(view)};
    case 'p':
    case ' ':
      return {...view, isPaused: !view.isPaused};
    case '/':
      return {...view, isTyping: true};
    case 'escape':
      return {...view, filter: ''};
    default:
      return view;
  }
}

/** Formats the help line, or the filter while it is typed. */
export function describeKeys({sort, filter, isPaused, isTyping, grouping}: TopView): string {
  if (isTyping) return `filter: ${filter}_   enter: done  esc: none`;
  return [
    `g: by ${next(GROUPINGS, grouping)}`,
    `s: sorted by ${sort}`,
    `/: filter${filter === '' ? '' : ` "${filter}"`}`,
    isPaused ? 'p: go on (paused)' : 'p: pause',
    'q: quit',
  ].join('  ');
}
