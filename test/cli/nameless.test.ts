/** A user without name, home and environment, as in many a container. */
import assert from 'node:assert/strict';
import {IS_ROOT, CLI, run} from './run.js';
import {skip} from '../helpers/suite.js';

describe('a user whom the system does not know', function () {
  this.slow(2000);

  it('is told what everybody is', function () {
    if (!IS_ROOT) skip(this, 'only root can become somebody else');
    const nobody = ['--reuid=4242424', '--regid=4242424', '--clear-groups'];
    const words = [...nobody, 'env', '-i', process.execPath, CLI, 'list', '--proc', '--ndjson'];
    const {status, stderr} = run('setpriv', words, {env: {}});
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stderr, /error/);
  });
});
