/** `tcptrace join` of recordings of a client and a server, with a virtual server of IPVS between them. */
import {Actor} from '../helpers/actor.js';
import {assertJoined, makeConnections, parseJoined, Recordings, shift} from '../helpers/joined.js';
import {hasProgram} from '../helpers/machine.js';
import {Router} from '../helpers/router.js';
import {skip, suite} from '../helpers/suite.js';
import {Tracer} from '../helpers/tracer.js';
import {tcptrace} from '../cli/run.js';

/** Port of the virtual server. */
const PORT = 83;

suite('join: IPVS', (stage) => {
  it('joins connections through a virtual server', async function () {
    if (!hasProgram('ipvsadm')) skip(this, 'no ipvsadm');
    using network = new Router();
    try {
      network.balance(PORT);
    } catch (error) {
      const {stderr} = error as {readonly stderr?: Buffer};
      skip(this, `this kernel has no IPVS: ${String(stderr).trim()}`);
    }
    using recordings = new Recordings();
    await using server = await Actor.start();
    await server.do('netns', network.server.path);
    const {fd} = await server.listen(network.serverAddress, {port: network.serverPort});
    await stage.actor.do('netns', network.client.path);
    const start = (name: string, netns: string): Promise<Tracer> =>
      Tracer.start(['--netns', netns, '--host-name', name]);
    await using a = await start('client', network.client.path);
    await using b = await start('server', network.server.path);
    const truths = await makeConnections(stage.actor, server, fd, [network.front, PORT], 500);
    const files = [
      recordings.write('client.ndjson', (await a.stop()).events),
      recordings.write('server.ndjson', (await b.stop()).events.map(shift)),
    ];
    const {stdout} = tcptrace(['join', '--ndjson', '--quiet', ...files]);
    assertJoined(parseJoined(stdout), truths, ['client', 'server']);
  });
});
