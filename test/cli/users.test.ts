/** Users who are in no /etc/passwd. */
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {assertRefused, tcptrace} from './run.js';

describe('a user of a directory service', function () {
  this.slow(2000);

  let directory: string;

  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-users-'));
    const answer =
      '[ "$*" = "passwd -- remote" ] && echo "remote:x:4294960000:100:Far, Away:/home/remote:/bin/sh"';
    writeFileSync(path.join(directory, 'getent'), `#!/bin/sh\n${answer}\n`, {mode: 0o755});
  });

  after(() => {
    rmSync(directory, {recursive: true});
  });

  const list = (user: string) =>
    tcptrace(['list', '--proc', '--user', user, '--ndjson'], {
      PATH: `${directory}:${process.env.PATH ?? ''}`,
    });

  it('is one that getent(1) tells of', () => {
    const {status, stdout} = list('remote');
    assert.deepEqual([status, stdout], [0, '']);
  });

  it('and no other', () => {
    assertRefused(list('nobody-at-all'), 2, '--user: no such user: "nobody-at-all"');
  });
});
