/** Flag that names the host in its output, so that recordings of several hosts can be joined. */
import {hostname} from 'node:os';
import {isHostName} from '../../model/host-name.js';
import {valueFlag} from './parse/define.js';
import {invalidValue} from './parse/values.js';

function parseHostName(text: string): string {
  const name = text === 'auto' ? hostname() : text;
  if (isHostName(name)) return name;
  throw invalidValue(text, 'use a name of at most 256 characters, or auto');
}

export const hostNameFlags = {
  'host-name': valueFlag({
    group: 'output',
    value: 'NAME',
    help: 'add NAME as the field host, for recordings of several hosts; auto is the name of this machine',
    parse: parseHostName,
    completion: {kind: 'words', words: ['auto']},
  }),
};
