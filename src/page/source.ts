/** The origin of the page's data: the document, or the server of a live page. */
import type {PageChange, PageState} from '../format/map/page/state.js';
import {find} from './dom.js';

export interface Receiver {
  readonly replace: (state: PageState) => void;
  readonly apply: (change: PageChange) => void;
  readonly setStatus: (status: string) => void;
}

function follow({replace, apply, setStatus}: Receiver): void {
  const events = new EventSource('events');
  setStatus('connecting');
  events.addEventListener('open', () => {
    setStatus('live');
  });
  events.addEventListener('state', ({data}) => {
    replace(JSON.parse(data as string) as PageState);
  });
  events.addEventListener('change', ({data}) => {
    apply(JSON.parse(data as string) as PageChange);
  });
  events.addEventListener('end', () => {
    events.close();
    setStatus('the trace has ended');
  });
  events.addEventListener('error', () => {
    setStatus(events.readyState === EventSource.CLOSED ? 'refused by the server' : 'reconnecting');
  });
}

export function openSource(receiver: Receiver): void {
  const data = JSON.parse(find('#data', HTMLScriptElement).text) as PageState | {readonly live: true};
  if ('live' in data) follow(receiver);
  else receiver.replace(data);
}
