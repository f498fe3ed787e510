/** Colors and shapes of the graph, from the variables of page.css. */
import type {StylesheetJson} from 'cytoscape';

/** Beyond this number of edges, they are straight lines without arrows, which are drawn much faster. */
const MANY_EDGES = 1000;

export function isLarge(edges: number): boolean {
  return edges > MANY_EDGES;
}

/** The canvas of the graph knows no variables; the browser resolves them for an element. */
function createColors(): (name: string) => string {
  const probe = document.createElement('span');
  document.body.append(probe);
  const colors = new Map(
    ['back', 'panel', 'text', 'faint', 'line', 'accent', 'failed'].map((name) => {
      probe.style.color = `var(--${name})`;
      return [name, getComputedStyle(probe).color];
    }),
  );
  probe.remove();
  return (name) => colors.get(name) ?? '#888';
}

type Color = ReturnType<typeof createColors>;

function createNodeLook(color: Color): StylesheetJson {
  const label = {color: color('text'), 'font-size': 12, 'min-zoomed-font-size': 6} as const;
  return [
    {
      selector: 'node',
      style: {
        ...label,
        label: 'data(label)',
        width: 22,
        height: 22,
        'background-color': color('accent'),
        'text-valign': 'bottom',
        'text-margin-y': 4,
        'text-wrap': 'ellipsis',
        'text-max-width': '130px',
      },
    },
    {selector: 'node.remote', style: {shape: 'diamond', 'background-color': color('faint')}},
    {
      selector: ':parent',
      style: {
        shape: 'round-rectangle',
        'background-color': color('panel'),
        'border-width': 1,
        'border-color': color('line'),
        // within the padding
        'text-valign': 'top',
        'text-margin-y': 19,
        'text-max-width': '200px',
        padding: '22px',
      },
    },
  ];
}

function createEdgeLook(color: Color, edges: number): StylesheetJson {
  const line = isLarge(edges)
    ? ({'curve-style': 'haystack'} as const)
    : ({'curve-style': 'bezier', 'target-arrow-shape': 'triangle', 'arrow-scale': 0.9} as const);
  const colored = (name: string) => ({'line-color': color(name), 'target-arrow-color': color(name)});
  return [
    {selector: 'edge', style: {...line, ...colored('faint'), width: 'data(width)', opacity: 0.8}},
    {selector: 'edge.idle', style: {'line-style': 'dashed'}},
    {selector: 'edge.failed', style: colored('failed')},
    {selector: 'edge.selected', style: {...colored('accent'), opacity: 1, 'z-index': 10}},
  ];
}

export function createLook(edges: number): StylesheetJson {
  const color = createColors();
  return [
    ...createNodeLook(color),
    ...createEdgeLook(color, edges),
    {selector: 'node.selected', style: {'border-width': 3, 'border-color': color('text')}},
    {selector: '.hidden', style: {display: 'none'}},
  ];
}
