/** Calls every export of the addon with invalid arguments: each call must return or throw, and never crash. */
import assert from 'node:assert/strict';
import {createRequire} from 'node:module';
import {once} from 'node:events';
import {Worker} from 'node:worker_threads';
import fc from 'fast-check';
import {loadAddon} from '#dist/kernel/addon.js';
import type {TracerOptions} from '#dist/kernel/binding.js';
import {IS_ROOT} from '../cli/run.js';
import {skip} from '../helpers/suite.js';
import {TRACER_OPTIONS} from '../helpers/tracer-options.js';

const OPTIONAL = {
  follow: {pids: [1], childrenOf: 1},
  btfPath: '/nowhere',
  outputFd: 1,
  newCgroups: true,
  updates: true,
  updateMs: 1,
  refusesCgroups: true,
  absentFunctions: ['x'],
};

const trap = (): never => {
  throw new Error('trap');
};

/** Invalid arguments of every type. */
const INVALID: readonly unknown[] = [
  ...[undefined, null, true, 0, -0, -1, 1.5, NaN, Infinity, 2 ** 31, 2 ** 32, 2 ** 53, 1n, 2n ** 70n],
  ...['', 'x', '\0', '\ud800', 'x'.repeat(100_000), '/proc/self/mem', '/', Symbol('x'), /x/, new Date(NaN)],
  ...[
    [],
    [1],
    ['x'],
    [-1],
    [[]],
    new Array<unknown>(100_000),
    new Array<number>(1000).fill(1),
    {},
    {length: 2},
    {pids: 1},
    {pids: [], childrenOf: -1},
  ],
  ...[
    Buffer.alloc(0),
    new Uint32Array(3),
    new ArrayBuffer(8),
    new Map(),
    new WeakSet(),
    Promise.resolve(),
    globalThis,
  ],
  ...[
    () => 1,
    Map,
    Object.create(null) as object,
    new Proxy({}, {get: trap, has: trap}),
    new Proxy([], {get: trap}),
  ],
  ...[
    {valueOf: trap, toString: trap},
    {
      get probe() {
        return trap();
      },
    },
  ],
];

type Call = (...args: readonly unknown[]) => unknown;

/** Calls a function that may throw an Error; closes the tracer that it returns. */
function attempt(call: () => unknown): void {
  try {
    const made = call();
    if (made instanceof addon.Tracer) made.close();
  } catch (error) {
    assert.ok(error instanceof Error, String(error));
  }
}

const addon = loadAddon();
const prototype = addon.Tracer.prototype as object;
const methods = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');

/** Calls a method or getter of Tracer on any object. */
function use(self: unknown, name: string, args: readonly unknown[] = []): unknown {
  const property = Object.getOwnPropertyDescriptor(prototype, name) as
    Readonly<Partial<Record<'value' | 'get', Call>>> | undefined;
  const call = property?.value ?? property?.get;
  if (call === undefined) throw new TypeError(`no ${name}`);
  return Reflect.apply(call, self, args);
}

describe('addon: invalid calls', function () {
  this.timeout(120_000);

  it('exports only what this file tests', () => {
    assert.deepEqual(methods.sort(), [
      'close',
      'countConnections',
      'follow',
      'followed',
      'notes',
      'read',
      'refuseCgroup',
      'stats',
      'stop',
      'update',
    ]);
    assert.ok(Object.values(addon).length >= 6);
  });

  for (const [name, exported] of Object.entries(addon)) {
    if (typeof exported !== 'function') continue;
    it(`${name}: invalid arguments, called as a function and as a constructor`, () => {
      for (const value of INVALID) {
        attempt(() => (exported as Call)(value, value));
        attempt(() => Reflect.construct(exported as new () => unknown, [value, value]));
      }
      attempt(() => (exported as Call)());
      attempt(() => Reflect.apply(exported as Call, null, []));
    });
  }

  it('Tracer: invalid values in each option', () => {
    for (const name of Object.keys({...TRACER_OPTIONS, ...OPTIONAL}))
      for (const value of INVALID)
        attempt(() => new addon.Tracer({...TRACER_OPTIONS, ...OPTIONAL, [name]: value}));
    for (const getter of Object.keys({...TRACER_OPTIONS, ...OPTIONAL}))
      attempt(
        () =>
          new addon.Tracer(Object.defineProperty({...TRACER_OPTIONS}, getter, {get: trap, enumerable: true})),
      );
  });

  it('Tracer: an array that grows while it is read', () => {
    const pids = [1];
    const get = (): number => (pids.push(...new Array<number>(70_000).fill(1)) > 0 ? 1 : 0);
    Object.defineProperty(pids, 0, {get});
    attempt(() => new addon.Tracer({...TRACER_OPTIONS, follow: {pids}}));
  });

  it('Tracer: any bytes as a filter', () => {
    for (const byte of [1, 0x40, 0xff]) {
      const filter = Buffer.alloc(TRACER_OPTIONS.filter.length, byte);
      filter.set(TRACER_OPTIONS.filter.subarray(0, 4)); // the version
      attempt(() => new addon.Tracer({...TRACER_OPTIONS, filter}));
    }
    attempt(() => new addon.Tracer({...TRACER_OPTIONS, filter: new Uint8Array(TRACER_OPTIONS.filter)}));
  });

  it('Tracer: subclasses and foreign prototypes', () => {
    attempt(() => Reflect.construct(addon.Tracer, [TRACER_OPTIONS], Object));
    attempt(() => Reflect.construct(addon.Tracer, [TRACER_OPTIONS], Map));
    class Mine extends addon.Tracer {}
    attempt(() => new Mine(TRACER_OPTIONS));
    attempt(() => new Mine(1 as unknown as TracerOptions));
  });
});

describe('running tracer: invalid calls', function () {
  this.timeout(120_000);

  before(function () {
    if (!IS_ROOT) skip(this, 'only root can trace');
  });

  for (const name of ['follow', 'countConnections'])
    it(`${name}: an array whose getter closes the tracer`, () => {
      const tracer = new addon.Tracer({...TRACER_OPTIONS, follow: {pids: [process.pid]}});
      const get = (): number => {
        tracer.close();
        return 1;
      };
      assert.throws(() => use(tracer, name, [Object.defineProperty([1], 0, {get})]), /closed/);
    });

  for (const name of methods) {
    it(`${name}: called on other objects, and with invalid arguments on an open and a closed tracer`, () => {
      for (const self of [...INVALID, prototype, Object.create(prototype) as object, addon]) {
        assert.throws(() => use(self, name), Error);
      }
      const tracer = new addon.Tracer(TRACER_OPTIONS);
      const useWith = (value: unknown): void => {
        attempt(() => use(tracer, name, [value, value]));
      };
      INVALID.forEach(useWith);
      tracer.close();
      INVALID.forEach(useWith);
    });
  }

  it('methods in random order', async () => {
    const calls = fc.array(fc.tuple(fc.constantFrom(...methods), fc.nat(INVALID.length - 1)), {
      minLength: 5,
      maxLength: 30,
    });
    const property = fc.asyncProperty(calls, async (some) => {
      const options = {...TRACER_OPTIONS, follow: {pids: [process.pid]}, updates: true, updateMs: 1};
      const tracer = new addon.Tracer(options);
      const pending: unknown[] = [];
      for (const [name, index] of some) attempt(() => pending.push(use(tracer, name, [INVALID[index]])));
      tracer.close();
      await Promise.all(pending);
    });
    await fc.assert(property, {numRuns: 20});
  });

  it('two worker threads, terminated while they trace', async () => {
    const script = `
      const {workerData, parentPort} = require('node:worker_threads');
      const addon = require(workerData.addon);
      let turns = 0;
      (async () => {
        for (;;) {
          const tracer = new addon.Tracer({...workerData.options, updates: true});
          const pending = tracer.read();
          tracer.update();
          try { tracer.read(); } catch {}
          try { new addon.Tracer({...workerData.options, probe: 1}); } catch {}
          tracer.stop(); tracer.stats(); await pending; tracer.close(); tracer.close();
          addon.sockets(); addon.features();
          parentPort.postMessage(++turns);
        }
      })();`;
    const workerData = {addon: createRequire(import.meta.url).resolve('#addon'), options: TRACER_OPTIONS};
    const workers = [0, 1].map(() => new Worker(script, {eval: true, workerData}));
    const turns = workers.map(async (worker) => {
      while (((await once(worker, 'message')) as [number])[0] < 3);
      await worker.terminate();
    });
    await Promise.all(turns);
    assert.ok(addon.features().length > 0);
  });
});
