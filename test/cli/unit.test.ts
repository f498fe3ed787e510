/** The systemd unit. */
import assert from 'node:assert/strict';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {hasProgram, ROOT} from '../helpers/machine.js';
import {skip} from '../helpers/suite.js';
import {run, tcptrace} from './run.js';

const UNIT = readFileSync(path.join(ROOT, 'contrib/tcptrace.service'), 'utf8');

describe('contrib/tcptrace.service', function () {
  this.slow(2000);

  it('is valid for systemd', function () {
    if (!hasProgram('systemd-analyze')) skip(this, 'no systemd-analyze');
    const folder = mkdtempSync(path.join(tmpdir(), 'tcptrace-unit-'));
    const file = path.join(folder, 'tcptrace.service');
    // the program is not installed
    writeFileSync(file, UNIT.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
    const {status, stderr} = run('systemd-analyze', ['--man=no', 'verify', file]);
    rmSync(folder, {recursive: true});
    assert.deepEqual([status, stderr], [0, '']);
  });

  it('has a valid command line', () => {
    const words = /^ExecStart=\S+ (.*)$/m.exec(UNIT)?.[1]?.split(' ') ?? [];
    const {status, stderr} = tcptrace([...words, '--port', '0']);
    assert.match(stderr, /^tcptrace: --port: invalid value "0"; /);
    assert.equal(status, 2);
  });
});
