/** Validates events against the JSON Schema that `tcptrace schema` prints. */
import assert from 'node:assert/strict';
import {Ajv2020, type AnySchemaObject} from 'ajv/dist/2020.js';
import {createEventSchema} from '#dist/model/schema/json-schema.js';

const schema = createEventSchema() as AnySchemaObject & {
  readonly oneOf: readonly (AnySchemaObject & {title: string})[];
};

const ajv = new Ajv2020({allErrors: true});

export const isValidEvent = ajv.compile(schema);

/**
 * A check of each kind, which allows no unknown fields, so that it finds a field that is not in the table. One by one,
 * because `oneOf` tries all kinds for each event, which takes longer than the tracer needs for it.
 */
const kinds = new Map(
  schema.oneOf.map((kind) => [
    kind.title,
    ajv.compile({...kind, $defs: schema.$defs as object, additionalProperties: false}),
  ]),
);

/** Asserts that an event is valid and has no field that the schema does not describe. */
export function assertValidEvent(event: unknown): void {
  const isKnown = kinds.get(String((event as {readonly event?: unknown}).event));
  assert.ok(isKnown, `${JSON.stringify(event)}: no kind of events`);
  assert.ok(isKnown(event), `${JSON.stringify(event)}: ${ajv.errorsText(isKnown.errors)}`);
}
