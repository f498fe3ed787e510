import assert from 'node:assert/strict';
import {createHosts} from '#dist/enrich/hosts.js';
import {readServices} from '#dist/enrich/services.js';

/** A resolver whose answers the test controls. */
function createResolver() {
  const asked: {address: string; answer: (names: string[]) => void; fail: () => void}[] = [];
  let isCancelled = false;
  return {
    asked,
    isCancelled: () => isCancelled,
    reverse: (address: string) =>
      new Promise<string[]>((resolve, reject) => {
        const fail = () => {
          reject(new Error('ENOTFOUND'));
        };
        asked.push({address, answer: resolve, fail});
      }),
    cancel: () => {
      isCancelled = true;
    },
    resolve: () => Promise.reject(new Error('unexpected query')),
  };
}

describe('host names', () => {
  it('are awaited, and resolved once', async () => {
    const resolver = createResolver();
    const hosts = createHosts(resolver);
    const settled = hosts.settle(new Set(['192.0.2.1']), 60_000);
    const again = hosts.settle(new Set(['192.0.2.1']), 60_000);
    resolver.asked[0]?.answer(['one.example', 'two.example']);
    await Promise.all([settled, again]);
    assert.equal(hosts.get('192.0.2.1'), 'one.example');
    await hosts.settle(new Set(['192.0.2.1']), 60_000);
    assert.equal(resolver.asked.length, 1);
  });

  it('are awaited until a time limit, and known once the answer arrives', async () => {
    const resolver = createResolver();
    const hosts = createHosts(resolver);
    await hosts.settle(new Set(['192.0.2.1']), 1);
    assert.equal(hosts.get('192.0.2.1'), undefined);
    const settled = hosts.settle(new Set(['192.0.2.1']), 60_000);
    resolver.asked[0]?.answer(['late.example']);
    await settled;
    assert.equal(hosts.get('192.0.2.1'), 'late.example');
    assert.equal(resolver.asked.length, 1);
  });

  it('are not awaited without a time limit', async () => {
    const resolver = createResolver();
    await createHosts(resolver).settle(new Set(['192.0.2.1']), 0);
    assert.equal(resolver.asked.length, 1);
  });

  it('are undefined for an unknown address or an overlong name', async () => {
    const resolver = createResolver();
    const hosts = createHosts(resolver);
    const settled = hosts.settle(new Set(['192.0.2.1', '192.0.2.2']), 60_000);
    resolver.asked[0]?.fail();
    resolver.asked[1]?.answer(['x'.repeat(256)]);
    await settled;
    assert.deepEqual([hosts.get('192.0.2.1'), hosts.get('192.0.2.2')], [undefined, undefined]);
    await hosts.settle(new Set(['192.0.2.1']), 60_000);
    assert.equal(resolver.asked.length, 2);
  });

  it('are resolved with limited concurrency', async () => {
    const resolver = createResolver();
    const hosts = createHosts(resolver);
    const addresses = Array.from(
      {length: 1000},
      (_, index) => `10.0.${String(index >> 8)}.${String(index & 255)}`,
    );
    await hosts.settle(new Set(addresses), 1);
    assert.equal(resolver.asked.length, 256);
  });

  it('cancel pending queries at the end', () => {
    const resolver = createResolver();
    createHosts(resolver).close();
    assert.ok(resolver.isCancelled());
  });
});

describe('service names', () => {
  it('are the first TCP name in /etc/services', () => {
    const text = '# http 1/tcp\nhttp\t\t80/tcp\twww\nweb 80/tcp\ndomain 53/udp\n\nhttps 443/tcp # secure\n';
    assert.deepEqual(
      [...readServices(text)],
      [
        [80, 'http'],
        [443, 'https'],
      ],
    );
  });
});
