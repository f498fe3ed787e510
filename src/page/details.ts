/** The panel with everything about the selected edge or node. */
import type {PageConnection, PageEdge, PageNode} from '../format/map/page/state.js';
import {create, find} from './dom.js';
import type {Store} from './store.js';
import {formatBytes, formatDuration, formatSpread, formatTime} from './text.js';

export type Selection =
  {readonly kind: 'edge'; readonly id: string} | {readonly kind: 'node'; readonly id: number};

type Fact = readonly [name: string, value: string];

function listFacts(facts: readonly Fact[]): HTMLElement {
  const items = facts.flatMap(([name, value]) => [
    create('dt', {}, name),
    create('dd', {class: 'name'}, value),
  ]);
  return create('dl', {}, ...items);
}

function formatFailures({failures}: PageEdge): string {
  const all = Object.entries(failures).map(([error, count]) => `${error}: ${String(count)}`);
  return all.length === 0 ? '0' : all.join(', ');
}

function factsOfEdge(edge: PageEdge): readonly Fact[] {
  const {ports, connections, open, txBytes, rxBytes, latencyUs, rttUs, first, last} = edge;
  return [
    ['ports', ports.join(', ') || '-'],
    ['connections', `${String(connections)}, ${String(open)} open`],
    ['failures', formatFailures(edge)],
    ['sent', formatBytes(txBytes)],
    ['received', formatBytes(rxBytes)],
    ['latency', formatSpread(latencyUs)],
    ['round-trip time', formatSpread(rttUs)],
    ['first', formatTime(Date.parse(first))],
    ['last', formatTime(Date.parse(last))],
  ];
}

function rowOf({time, from, to, outcome, durationUs, txBytes, rxBytes}: PageConnection): HTMLElement {
  const isFailed = outcome !== 'open' && outcome !== 'closed';
  return create(
    'tr',
    {},
    create('td', {}, new Date(time).toLocaleTimeString()),
    create('td', {class: 'text'}, `${from} → ${to}`),
    create('td', isFailed ? {class: 'failed'} : {}, outcome),
    create('td', {}, formatDuration(durationUs)),
    create('td', {}, formatBytes(txBytes)),
    create('td', {}, formatBytes(rxBytes)),
  );
}

function listConnections(recent: readonly PageConnection[]): HTMLElement {
  const titles = ['time', 'endpoints', 'outcome', 'duration', 'sent', 'received'];
  const head = titles.map((title, index) =>
    create('th', {scope: 'col', ...(index === 1 && {class: 'text'})}, title),
  );
  return create(
    'table',
    {id: 'recent'},
    create('caption', {}, 'Latest connections'),
    create('thead', {}, create('tr', {}, ...head)),
    create('tbody', {}, ...recent.map(rowOf)),
  );
}

function describeEdge(store: Store, edge: PageEdge): readonly HTMLElement[] {
  const parts = [create('h2', {class: 'name'}, store.nameOf(edge)), listFacts(factsOfEdge(edge))];
  return edge.recent.length === 0 ? parts : [...parts, listConnections(edge.recent)];
}

function describeNode({label, kind, groups, listening}: PageNode): readonly HTMLElement[] {
  const facts: Fact[] = [
    ['kind', kind === 'remote' ? 'peer outside' : 'on a recorded host'],
    ...Object.entries(groups).map(([name, value]): Fact => [name, String(value)]),
    ...listening.map((endpoint): Fact => ['listens on', endpoint]),
  ];
  return [create('h2', {class: 'name'}, label), listFacts(facts)];
}

export interface Details {
  /** @returns false if the selected edge or node does not exist */
  readonly show: (selection: Selection | undefined) => boolean;
}

/** @param clear called by the button that closes the panel */
export function createDetails(store: Store, clear: () => void): Details {
  const [panel, content] = [find('#details', HTMLElement), find('#facts', HTMLElement)];
  let shown: PageEdge | PageNode | undefined;
  find('#close', HTMLButtonElement).addEventListener('click', clear);
  return {
    show(selection) {
      const edge = selection?.kind === 'edge' ? store.edges.get(selection.id) : undefined;
      const node = selection?.kind === 'node' ? store.nodes.get(selection.id) : undefined;
      const isNew = shown !== (edge ?? node);
      shown = edge ?? node;
      panel.hidden = shown === undefined;
      if (isNew && edge !== undefined) content.replaceChildren(...describeEdge(store, edge));
      if (isNew && node !== undefined) content.replaceChildren(...describeNode(node));
      return shown !== undefined;
    },
  };
}
