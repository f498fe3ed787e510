import type {Change} from './change.js';

/** `--format pairs` prints the kind of an event and its remote endpoint. */
export const FORMAT: Change = {
  heading: 'Add an output format',
  files: {
    'src/format/pairs.ts': `/** Formats an event as its kind and remote endpoint. */
import type {TraceEvent} from '../model/event.js';
import type {Formatter} from './formatter.js';

function format(event: TraceEvent): string {
  return event.event === 'lost' ? 'lost\\n' : \`\${event.event} \${event.raddr} \${String(event.rport)}\\n\`;
}

export function createPairs(): Formatter {
  return {format};
}
`,
  },
  edits: [
    {
      file: 'src/format/formats.ts',
      at: /^const ENTRIES = \{\n(?:.*\n)*?(?=\})/m,
      text: `$&  pairs: {flags: [], load: async () => (await import('./pairs.js')).createPairs()},\n`,
    },
  ],
};
