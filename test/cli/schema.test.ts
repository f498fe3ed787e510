import assert from 'node:assert/strict';
import {Ajv2020, type AnySchemaObject} from 'ajv/dist/2020.js';
import {assertRefused, tcptrace} from './run.js';

describe('tcptrace schema', () => {
  it('prints a JSON Schema of draft 2020-12, without root or eBPF', () => {
    const {status, stdout, stderr} = tcptrace(['schema']);
    assert.deepEqual([status, stderr], [0, '']);
    const schema = JSON.parse(stdout) as AnySchemaObject;
    assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
    assert.ok(new Ajv2020().validateSchema(schema));
  });

  it('takes no arguments and no flags', () => {
    assertRefused(
      tcptrace(['schema', 'watch']),
      2,
      /^unexpected argument: "watch"; see tcptrace schema --help/,
    );
    assertRefused(
      tcptrace(['schema', '--json']),
      2,
      /^unknown flag: --json; it is a flag of compare, doctor, /,
    );
  });
});
