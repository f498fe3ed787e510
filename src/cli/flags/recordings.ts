/** Arguments that name recordings. */
import {usageError} from '../../model/errors.js';
import {hasInput} from '../io/recordings.js';
import {parseFile} from './parse/values.js';

/**
 * Returns the recordings; without names, the pipe or redirected file on stdin.
 *
 * @param command for the message
 * @throws TcptraceError (usage) if there is no recording
 */
export function readFileNames(names: readonly string[], command: string): readonly string[] {
  if (names.filter((name) => name === '-').length > 1)
    throw usageError('stdin can be read only once', 'give - once');
  if (names.length > 0) return names.map(parseFile);
  if (hasInput()) return ['-'];
  throw usageError('no recording', `name a file, or pipe one to tcptrace ${command}`);
}
