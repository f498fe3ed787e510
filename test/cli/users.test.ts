/** Users without an entry in /etc/passwd. */
import assert from 'node:assert/strict';
import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {skip} from '../helpers/suite.js';
import {assertRefused, CLI, IS_ROOT, run} from './run.js';

const GETENT = '/usr/bin/getent';

describe('a user of a directory service', function () {
  this.slow(2000);

  let directory: string;

  before(function () {
    if (!IS_ROOT || !existsSync(GETENT)) skip(this, 'only root can replace getent(1)');
    directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-users-'));
    const answer =
      '[ "$*" = "passwd -- remote" ] && echo "remote:x:4294960000:100:Far, Away:/home/remote:/bin/sh"';
    writeFileSync(path.join(directory, 'getent'), `#!/bin/sh\n${answer}\n`, {mode: 0o755});
  });

  after(() => {
    if (directory) rmSync(directory, {recursive: true});
  });

  /** Runs list with a replaced getent(1). */
  function list(user: string) {
    const script = `mount --bind "$0/getent" ${GETENT} && exec "$@"`;
    const words = [process.execPath, CLI, 'list', '--proc', '--user', user, '--ndjson'];
    return run('unshare', ['--mount', 'sh', '-c', script, directory, ...words]);
  }

  it('is found by getent(1)', () => {
    const {status, stdout} = list('remote');
    assert.deepEqual([status, stdout], [0, '']);
  });

  it('an unknown user is rejected', () => {
    assertRefused(list('nobody-at-all'), 2, '--user: no such user: "nobody-at-all"');
  });
});
