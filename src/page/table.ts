/** The table of edges: the same data as the graph, for the keyboard and screen readers. */
import type {PageEdge} from '../format/map/page/state.js';
import {create, find} from './dom.js';
import type {Store} from './store.js';
import {formatBytes, formatDuration} from './text.js';

/** Rows at first, and added by `Show more`. */
const PAGE_ROWS = 200;

interface Column {
  readonly title: string;
  readonly text: (edge: PageEdge, store: Store) => string;
  /** Sorts downwards; undefined sorts by the text, upwards. */
  readonly value?: (edge: PageEdge) => number;
}

const NAME: Column = {title: 'Edge', text: (edge, store) => store.nameOf(edge)};

const COLUMNS: readonly Column[] = [
  NAME,
  {title: 'Ports', text: ({ports}) => ports.slice(0, 4).join(' '), value: ({ports}) => -(ports[0] ?? 0)},
  {title: 'Conns', text: ({connections}) => String(connections), value: ({connections}) => connections},
  {title: 'Open', text: ({open}) => String(open), value: ({open}) => open},
  {title: 'Fails', text: ({fails}) => String(fails), value: ({fails}) => fails},
  {title: 'TX', text: ({txBytes}) => formatBytes(txBytes), value: ({txBytes = -1}) => txBytes},
  {title: 'RX', text: ({rxBytes}) => formatBytes(rxBytes), value: ({rxBytes = -1}) => rxBytes},
  {
    title: 'Latency',
    text: ({latencyUs}) => formatDuration(latencyUs?.median),
    value: ({latencyUs}) => latencyUs?.median ?? -1,
  },
  {title: 'RTT', text: ({rttUs}) => formatDuration(rttUs?.median), value: ({rttUs}) => rttUs?.median ?? -1},
];

export interface Table {
  readonly show: (edges: readonly PageEdge[], selected: string | undefined) => void;
}

interface Row {
  readonly element: HTMLTableRowElement;
  readonly cells: readonly HTMLElement[];
}

function createRow(select: () => void): Row {
  const cells = COLUMNS.map((_, index) => (index === 0 ? create('button', {type: 'button'}) : create('td')));
  const [name = create('button'), ...rest] = cells;
  const element = create('tr', {}, create('th', {scope: 'row', class: 'text'}, name), ...rest);
  element.addEventListener('click', select);
  return {element, cells};
}

function createHeader(onSort: (index: number) => void): readonly HTMLElement[] {
  return COLUMNS.map(({title}, index) => {
    const button = create('button', {type: 'button'}, title);
    button.addEventListener('click', () => {
      onSort(index);
    });
    return create('th', {scope: 'col', ...(index === 0 && {class: 'text'})}, button);
  });
}

interface Order {
  /** Sorts by a column, or reverses the order. */
  readonly choose: (index: number) => void;
  readonly sort: (edges: readonly PageEdge[]) => readonly PageEdge[];
  /** Returns the value of aria-sort of a column. */
  readonly describe: (index: number) => string;
}

/** By default, edges with most connections come first. */
function createOrder(store: Store): Order {
  let [by, isReversed] = [2, false];
  return {
    choose(index) {
      isReversed = by === index && !isReversed;
      by = index;
    },
    sort(edges) {
      const {text, value} = COLUMNS[by] ?? NAME;
      const sign = isReversed ? -1 : 1;
      if (value !== undefined) return edges.toSorted((a, b) => sign * (value(b) - value(a)));
      return edges.toSorted((a, b) => sign * text(a, store).localeCompare(text(b, store)));
    },
    describe(index) {
      if (index !== by) return 'none';
      return (COLUMNS[index]?.value === undefined) !== isReversed ? 'ascending' : 'descending';
    },
  };
}

/** Shows both names, each shortened if there is not enough space. */
function showName(cell: HTMLElement, [from, to]: readonly [string, string], name: string): void {
  cell.title = name;
  cell.replaceChildren(create('span', {class: 'name'}, from), ' → ', create('span', {class: 'name'}, to));
}

function fillRow({cells}: Row, edge: PageEdge, store: Store): void {
  for (const [index, {text}] of COLUMNS.entries()) {
    const [cell, content] = [cells[index], text(edge, store)];
    if (cell === undefined || cell.textContent === content) continue;
    if (index === 0) showName(cell, store.namesOf(edge), content);
    else cell.textContent = content;
  }
}

interface Rows {
  /** Shows these edges in this order. */
  readonly show: (edges: readonly PageEdge[], selected: string | undefined) => void;
}

function createRows(store: Store, select: (id: string) => void): Rows {
  const body = find('#edges tbody', HTMLTableSectionElement);
  const rows = new Map<string, Row>();

  function rowOf(edge: PageEdge, isSelected: boolean): HTMLElement {
    const row =
      rows.get(edge.id) ??
      createRow(() => {
        select(edge.id);
      });
    rows.set(edge.id, row);
    fillRow(row, edge, store);
    row.element.setAttribute('aria-current', String(isSelected));
    row.element.classList.toggle('failed', edge.fails > 0 && edge.connections === 0);
    return row.element;
  }

  function removeOthers(edges: readonly PageEdge[]): void {
    const kept = new Set(edges.map(({id}) => id));
    for (const [id, {element}] of rows) {
      if (kept.has(id)) continue;
      element.remove();
      rows.delete(id);
    }
  }

  return {
    show(edges, selected) {
      removeOthers(edges);
      const focused = document.activeElement;
      for (const [index, edge] of edges.entries()) {
        const element = rowOf(edge, edge.id === selected);
        const next = body.children[index];
        if (next !== element) body.insertBefore(element, next ?? null);
      }
      // an element that is moved loses the focus
      if (focused instanceof HTMLElement && body.contains(focused)) focused.focus({preventScroll: true});
    },
  };
}

/** @param select called when an edge is clicked, or activated by the keyboard */
export function createTable(store: Store, select: (id: string) => void): Table {
  const [more, none] = [find('#more', HTMLButtonElement), find('#none', HTMLElement)];
  const [order, rows] = [createOrder(store), createRows(store, select)];
  let limit = PAGE_ROWS;
  let current: readonly PageEdge[] = [];
  let selected: string | undefined;

  function render(): void {
    rows.show(order.sort(current).slice(0, limit), selected);
    more.hidden = current.length <= limit;
    none.hidden = current.length > 0;
    none.textContent = store.edges.size === 0 ? 'No connections.' : 'No edge matches the filter.';
    for (const [index, header] of headers.entries()) header.setAttribute('aria-sort', order.describe(index));
    find('#count', HTMLElement).textContent =
      `${String(current.length)} of ${String(store.edges.size)} edges`;
  }

  const headers = createHeader((index) => {
    order.choose(index);
    render();
  });
  find('#edges thead tr', HTMLTableRowElement).append(...headers);
  more.addEventListener('click', () => {
    limit += PAGE_ROWS;
    render();
  });
  return {
    show(edges, id) {
      [current, selected] = [edges, id];
      render();
    },
  };
}
