/** The page of `tcptrace map`: a graph, a table, and a slider over time. */
import {createDetails, type Selection} from './details.js';
import {find} from './dom.js';
import {createGraph, type Graph} from './graph/graph.js';
import {type Filter, selectEdges} from './shown.js';
import {createSlider} from './slider.js';
import {openSource} from './source.js';
import {createStore} from './store.js';
import {createTable} from './table.js';
import {followTheme} from './theme.js';

const store = createStore();
let selection: Selection | undefined;
let graph: Graph | undefined;
let isScheduled = false;

/** Draws once before the next frame, however often it is called. */
function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    render();
  });
}

function select(to: Selection | undefined): void {
  selection = to;
  schedule();
}

const table = createTable(store, (id) => {
  select({kind: 'edge', id});
});
const details = createDetails(store, () => {
  select(undefined);
});
const slider = createSlider(store, schedule);
const [search, failing, open, inside, groups] = ['search', 'failing', 'open', 'inside', 'groups'].map((id) =>
  find(`#${id}`, HTMLInputElement),
) as [HTMLInputElement, HTMLInputElement, HTMLInputElement, HTMLInputElement, HTMLInputElement];

function readFilter(): Filter {
  return {
    words: search.value.toLowerCase().split(/\s+/).filter(Boolean),
    isFailing: failing.checked,
    isOpen: open.checked,
    isInside: inside.checked,
    period: slider.update(),
  };
}

function render(): void {
  const {by, lost} = store.head();
  find('#by', HTMLElement).textContent = lost === 0 ? `by ${by}` : `by ${by}, ${String(lost)} events lost`;
  const filter = readFilter();
  const edges = selectEdges(store, filter);
  if (graph === undefined && store.nodes.size > 0) graph = createGraph(store, select);
  graph?.show(edges, selection, groups.checked);
  if (!details.show(selection)) selection = undefined;
  const node = selection?.kind === 'node' ? selection.id : undefined;
  const listed = node === undefined ? edges : edges.filter(({from, to}) => from === node || to === node);
  table.show(listed, selection?.kind === 'edge' ? selection.id : undefined);
}

for (const input of [search, failing, open, inside, groups]) input.addEventListener('input', schedule);
find('#arrange', HTMLButtonElement).addEventListener('click', () => graph?.arrange());
find('#fit', HTMLButtonElement).addEventListener('click', () => graph?.fit());
document.addEventListener('keydown', ({key}) => {
  if (key === 'Escape') select(undefined);
});
followTheme(() => graph?.recolor());
openSource({
  replace(state) {
    store.replace(state);
    schedule();
  },
  apply(change) {
    store.apply(change);
    schedule();
  },
  setStatus(status) {
    find('#status', HTMLElement).textContent = status;
  },
});
