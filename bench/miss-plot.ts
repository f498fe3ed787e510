/** The figures of miss.ts as a picture. */
import * as Plot from '@observablehq/plot';
import {parseHTML} from 'linkedom';

/** What one way of tracing missed of connections of one lifetime. */
export interface Missed {
  readonly way: string;
  readonly lifetimeMs: number;
  readonly missedPercent: number;
}

/** Okabe and Ito's, which everybody tells apart: with a contrast of 3 at least on white and on black. */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];
const TEXT_COLOR = '#6e7781';

/** Where a line says what it is: behind the last point before it falls; one that never rises says so at its beginning. */
function labelled(figures: readonly Missed[]): Missed[] {
  return [...new Set(figures.map(({way}) => way))].flatMap((way) => {
    const line = figures.filter((figure) => figure.way === way);
    return line.findLast(({missedPercent}) => missedPercent > 50) ?? line[0] ?? [];
  });
}

const duration = (ms: number): string => (ms < 1000 ? `${String(ms)} ms` : `${String(ms / 1000)} s`);

/** @returns SVG, for light and dark grounds */
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
    x: {type: 'log', label: 'the connection lives', ticks: [1, 10, 100, 1000, 10_000], tickFormat: duration},
    y: {domain: [0, 100], label: 'connections missed, %', grid: true},
    color: {range: COLORS},
    marks: [
      Plot.line(figures, {...point, stroke: 'way', strokeWidth: 2.5}),
      Plot.dot(figures, {...point, fill: 'way', r: 3.5}),
      Plot.text(labelled(figures), {
        ...point,
        text: 'way',
        fill: 'way',
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
