/**
 * Measures `watch --update`: the CPU time of one visit of many idle connections, that of a tracer with few of them, and the
 * throughput of a bulk transfer meanwhile.
 * Usage: npm run bench:live -- [--processes N] [--connections N] [--idle N] [--seconds N] [--pairs N] [--mebibytes N]
 */
import {parseArgs} from 'node:util';
import {report} from '../report.js';
import {measureVisits, measureShare} from './idle.js';
import {hold} from './hold.js';
import {measureTransfers} from './transfers.js';

const {values} = parseArgs({
  options: {
    processes: {type: 'string', default: '200'},
    connections: {type: 'string', default: '50000'},
    idle: {type: 'string', default: '5000'},
    seconds: {type: 'string', default: '30'},
    pairs: {type: 'string', default: '20'},
    mebibytes: {type: 'string', default: '8192'},
  },
});
const [processes, connections, idle, seconds, pairs, mebibytes] = [
  Number(values.processes),
  Number(values.connections),
  Number(values.idle),
  Number(values.seconds),
  Number(values.pairs),
  Number(values.mebibytes),
];

report('transfers', await measureTransfers(['1s', '10ms'], pairs, mebibytes));
{
  await using held = await hold(processes, connections);
  report('visits', await measureVisits(held.sockets, seconds));
}
{
  await using held = await hold(processes, idle);
  report('share', await measureShare(held.sockets, seconds));
}
