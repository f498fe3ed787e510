/** Output of `tcptrace top` without a screen: a snapshot of each interval. */
import {reportActivity} from '../../format/reports/activity/report.js';
import {formatTotals, pickActivity} from '../../format/reports/activity/table.js';
import {formatNow} from '../../kernel/clock.js';
import type {Output} from '../../output/output.js';
import {formatReport, type Target} from '../io/printer.js';
import type {ShownOptions} from './options.js';
import type {RowNames} from './names.js';
import type {Display} from './screen.js';
import {createClock, initialView} from './view.js';

const DEFAULT_ROWS = 20;

/** Longest time that a snapshot waits for names. */
const MAX_DELAY_MS = 200;

/** Prints each interval; `show` resolves when it is written. @param stdout decides color and width */
export function openSnapshots(
  options: ShownOptions,
  names: RowNames,
  output: Output,
  stdout: Target,
): Display {
  const {grouping, source, intervalMs, format} = options;
  const isTable = format === 'table' || format === 'wide';
  const most = options.rows ?? (isTable ? DEFAULT_ROWS : Infinity);
  const view = initialView(options);
  const formatTime = createClock(options.time);
  let {header} = options;
  return {
    async show(meter) {
      const time = formatNow();
      const all = meter.rows(grouping);
      const [lost, seconds] = [meter.lost(), meter.seconds()];
      const picked = pickActivity(all, view, most);
      await names.settle(picked, MAX_DELAY_MS);
      const title = `${formatTime(time)}  ${formatTotals(all, intervalMs, lost, source)}`;
      const rows = names.complete(picked, grouping);
      const snapshot = {rows, lost, seconds, time, grouping, source};
      const report = reportActivity(snapshot, view, title, options.names !== undefined);
      for (const text of await formatReport(report, {...options, header}, stdout)) output.add(text);
      // each table has its own columns; csv goes on
      if (!isTable) header = false;
      await output.flush();
    },
    close: () => undefined,
  };
}
