/** A user without name, home and environment, as in many containers. */
import assert from 'node:assert/strict';
import {IS_ROOT, CLI, run} from './run.js';
import {skip} from '../helpers/suite.js';

describe('a user without a passwd entry', function () {
  this.slow(2000);

  it('can run list --proc', function () {
    if (!IS_ROOT) skip(this, 'only root can change its user');
    const nobody = ['--reuid=4242424', '--regid=4242424', '--clear-groups'];
    const words = [...nobody, 'env', '-i', process.execPath, CLI, 'list', '--proc', '--ndjson'];
    const {status, stderr} = run('setpriv', words, {env: {}});
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stderr, /error/);
  });
});
