/** Draws the results of miss.ts. */
import * as Plot from '@observablehq/plot';
import {parseHTML} from 'linkedom';

/** Percentage of the connections of one lifetime that a source missed. */
export interface Missed {
  readonly source: string;
  readonly lifetimeMs: number;
  readonly missedPercent: number;
}

/** Okabe-Ito colors (safe for color blindness) with a contrast of at least 3 on white and on black. */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];
const TEXT_COLOR = '#6e7781';

/** Returns the points to label: the last above 50 % of each line, or its first. */
function pointsToLabel(figures: readonly Missed[]): Missed[] {
  return [...new Set(figures.map(({source}) => source))].flatMap((source) => {
    const line = figures.filter((figure) => figure.source === source);
    return line.findLast(({missedPercent}) => missedPercent > 50) ?? line[0] ?? [];
  });
}

const duration = (ms: number): string => (ms < 1000 ? `${String(ms)} ms` : `${String(ms / 1000)} s`);

/** @returns SVG for light and dark backgrounds */
export function plotMissed(figures: readonly Missed[], caption: string): string {
  const {document} = parseHTML('<!doctype html><html></html>');
  const point = {x: 'lifetimeMs', y: 'missedPercent'} as const;
  const svg = Plot.plot({
    document: document,
    width: 760,
    height: 380,
    margin: 50,
    marginRight: 130,
    style: {background: 'none', color: TEXT_COLOR, fontSize: '13px'},
    x: {
      type: 'log',
      label: 'lifetime of the connection',
      ticks: [1, 10, 100, 1000, 10_000],
      tickFormat: duration,
    },
    y: {domain: [0, 100], label: 'connections missed, %', grid: true},
    color: {range: COLORS},
    marks: [
      Plot.line(figures, {...point, stroke: 'source', strokeWidth: 2.5}),
      Plot.dot(figures, {...point, fill: 'source', r: 3.5}),
      Plot.text(pointsToLabel(figures), {
        ...point,
        text: 'source',
        fill: 'source',
        fontWeight: 'bold',
        textAnchor: 'start',
        dx: 10,
        dy: -8,
      }),
      Plot.text([caption], {frameAnchor: 'bottom-left', dy: 46}),
    ],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${svg.outerHTML}\n`;
}
