/** Opens and closes connections of every kind. */
import type {Actor} from './actor.js';
import {freePort} from './pair.js';
import {Sock} from './sock.js';

/** Makes a non-blocking connect() that is refused after it returns; with MPTCP if the kernel supports it. */
async function refuseLater(client: Actor, address: string): Promise<void> {
  const family = address === '::1' ? 6 : 4;
  const multipath = await client.call('socket', family, 'nonblock', 'mptcp');
  const sock = multipath.ret < 0 ? await client.socket(family, 'nonblock') : new Sock(client, multipath);
  await sock.tryConnect(address, await freePort(client, address));
  await sock.poll('hup');
  await sock.close();
}

/**
 * @param count connections of each kind and family: closed, reset, disconnected, shut down, refused, never accepted. At
 * most 100 are refused after a non-blocking connect() (MPTCP).
 */
export async function churn(client: Actor, server: Actor, count: number): Promise<void> {
  for (const address of ['127.0.0.1', '::1']) {
    const listener = await server.listen(address);
    for (const ending of ['close', 'reset', 'unspec', 'shutdown']) {
      const serving = await server.background('serve', listener.fd, count);
      await client.do('burst', count, address, listener.port, 10, 0, ending);
      await serving.join();
    }
    await listener.close();
    for (let left = Math.min(count, 100); left > 0; left--) await refuseLater(client, address);
    await client.do('burst', count, address, await freePort(client, address), 0, 0, 'refused');
    for (let left = count; left > 0; left -= 100) {
      const deaf = await server.listen(address);
      await client.do('burst', Math.min(left, 100), address, deaf.port, 10, 0);
      await deaf.close();
    }
  }
}
