/** The JSON Schema (draft 2020-12) of one event, which is one line of NDJSON. */
import {type Field, FIELDS, fieldsOf} from '../fields.js';
import {type Kind, KINDS} from './kinds.js';

/** The promise to programs that read events. tcptrace-events(5) repeats it. */
export const STABILITY =
  'Within a major version, fields and kinds of events are only added: none is removed or renamed, and none changes its ' +
  'type, unit or meaning. Ignore fields and kinds that you do not know. An absent field is unknown.';

/** Returns the meaning as a sentence. */
export function sentence({meaning, unit}: Pick<Field, 'meaning' | 'unit'>): string {
  const text = `${meaning}${unit === undefined ? '' : ` (${unit})`}.`;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function describeField(field: Field): object {
  const notes = [
    ...(field.untrusted ? ['Untrusted text of any characters.'] : []),
    ...(field.flag === undefined ? [] : [`Only with ${field.flag}.`]),
  ];
  return {description: [sentence(field), ...notes].join(' '), ...field.value};
}

function describeKind({name: kind, meaning}: Kind): object {
  const fields = fieldsOf(kind);
  const properties = fields.map(({name}) => [
    name,
    name === 'event' ? {const: kind} : {$ref: `#/$defs/${name}`},
  ]);
  return {
    title: kind,
    description: meaning,
    type: 'object',
    properties: Object.fromEntries(properties) as object,
    required: fields.filter(({required}) => required).map(({name}) => name),
    additionalProperties: true,
  };
}

/** Creates the schema: one alternative for each kind of events. */
export function createEventSchema(): object {
  const fields = FIELDS.filter(({name}) => name !== 'event');
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'tcptrace event',
    description: STABILITY,
    oneOf: KINDS.map(describeKind),
    $defs: Object.fromEntries(fields.map((field) => [field.name, describeField(field)])) as object,
  };
}
