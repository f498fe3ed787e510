/** Output of `tcptrace top` without a terminal: a table for each interval. */
import {formatActivity, formatTotals, pickActivity} from '../../format/reports/activity-table.js';
import type {Source} from '../../model/event.js';
import type {Output} from '../../output/output.js';
import {type MaybeTerminal, resolveColorLevel} from '../../terminal/color.js';
import {createPaint} from '../../terminal/paint.js';
import type {TopOptions} from './options.js';
import type {RowNames} from './names.js';
import type {Display} from './screen.js';
import {formatClock, initialView} from './view.js';

const DEFAULT_ROWS = 20;

/** Longest time that a snapshot waits for names. */
const MAX_DELAY_MS = 200;

/** Prints a table for each interval; `show` resolves when it is written. */
export function openSnapshots(
  options: TopOptions,
  probe: Source,
  names: RowNames,
  output: Output,
  stdout: MaybeTerminal,
): Display {
  const {intervalMs, rows: lines = DEFAULT_ROWS} = options;
  const paint = createPaint(resolveColorLevel(options.color, process.env, stdout));
  const view = initialView(options);
  return {
    async show(meter) {
      const {grouping} = view;
      const rows = meter.rows(grouping);
      const picked = pickActivity(rows, view, lines);
      await names.settle(picked, MAX_DELAY_MS);
      const table = formatActivity(names.complete(picked, grouping), view, intervalMs, paint, Infinity);
      output.add(
        `${formatClock()}  ${formatTotals(rows, intervalMs, meter.lost(), probe)}\n${table.join('\n')}\n\n`,
      );
      await output.flush();
    },
    close: () => undefined,
  };
}
