/** Validates events against the JSON Schema that `tcptrace schema` prints. */
import assert from 'node:assert/strict';
import {Ajv2020, type AnySchemaObject} from 'ajv/dist/2020.js';
import {createEventSchema} from '#dist/model/schema/json-schema.js';

const schema = createEventSchema() as AnySchemaObject & {readonly oneOf: readonly object[]};

/** The schema without room for unknown fields, so that a field that is not in the table is found. */
const closed = {...schema, oneOf: schema.oneOf.map((kind) => ({...kind, additionalProperties: false}))};

const ajv = new Ajv2020({allErrors: true});

export const isValidEvent = ajv.compile(schema);

const isKnownEvent = ajv.compile(closed);

/** Asserts that an event is valid and has no field that the schema does not describe. */
export function assertValidEvent(event: unknown): void {
  if (isKnownEvent(event)) return;
  assert.fail(`${JSON.stringify(event)}: ${ajv.errorsText(isKnownEvent.errors)}`);
}
