/** Scans of directories that look like a /proc: what a real one shows only with luck. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type {Connection} from '#dist/procfs/tcp/connections.js';
import {findHidden} from '#dist/procfs/hidden.js';
import {createScanner, type Scanner} from '#dist/procfs/tcp/scanner.js';
import {type Content, HEADER, line, ProcTree, STATES} from '../helpers/proc-tree.js';

const OUT = line('10.0.0.1 50000', '10.0.0.2 443', 100);
const STATUS = 'Name:\tx\nUid:\t1000\t0\t0\t0\nGid:\t1\t1\t1\t1\n';

/** A process in namespace 1 that holds these sockets. */
function holding(...inodes: readonly number[]): Content {
  const fds = Object.fromEntries(inodes.map((inode, index) => [index + 3, `socket:[${String(inode)}]`]));
  return {netns: 1, fds: {0: '/dev/null', 1: 'pipe:[100]', ...fds}, comm: 'name\n', status: STATUS};
}

function brief({inode, holder, direction}: Connection): string {
  return `${String(inode)} ${direction} ${String(holder.pid)}`;
}

/** What a scan finds, as `+inode direction pid` and `-inode direction pid`. */
function scan(scanner: Scanner): string[] {
  const {opened, closed} = scanner.scan();
  return [...closed.map((it) => `-${brief(it)}`), ...opened.map((it) => `+${brief(it)}`)];
}

describe('scans of /proc', () => {
  let tree: ProcTree;
  let scanner: Scanner;

  beforeEach(() => {
    tree = new ProcTree();
    scanner = createScanner(tree.root);
  });

  afterEach(() => {
    tree[Symbol.dispose]();
  });

  it('a connection, with all that is known of it', () => {
    tree.set(7, {...holding(100), comm: 'a\nb\n', tcp: HEADER + OUT});
    const {opened, closed, now} = scanner.scan();
    const opener = {pid: 7, comm: 'a\nb', uid: 1000};
    assert.deepEqual(
      [closed, opened],
      [
        [],
        [
          {
            family: 4,
            laddr: '10.0.0.1',
            lport: 50_000,
            raddr: '10.0.0.2',
            rport: 443,
            inode: 100,
            netns: 1,
            direction: 'out',
            opener,
            holder: opener,
            since: undefined,
          },
        ],
      ],
    );
    assert.ok(now <= performance.now());
  });

  it('is told once, and once more when it is gone', () => {
    tree.set(7, {...holding(), tcp: HEADER});
    assert.deepEqual(scan(scanner), []);
    tree.set(7, {...holding(100), tcp: HEADER + OUT});
    assert.deepEqual([scan(scanner), scan(scanner)], [['+100 out 7'], []]);
    tree.set(7, {...holding(), tcp: HEADER});
    assert.deepEqual([scan(scanner), scan(scanner)], [['-100 out 7'], []]);
  });

  it('what is no connection, or of nobody', () => {
    const lines = [
      line('10.0.0.1 1', '10.0.0.2 2', 101, STATES.SYN_SENT),
      line('10.0.0.1 1', '10.0.0.2 2', 102, STATES.SYN_RECV),
      line('0.0.0.0 80', '0.0.0.0 0', 103, STATES.LISTEN),
      line('10.0.0.1 1', '10.0.0.2 2', 0, STATES.TIME_WAIT, '03:000003E9'),
      line('10.0.0.1 3', '10.0.0.2 4', 0),
      line('10.0.0.1 5', '10.0.0.2 6', 104),
    ];
    tree.set(7, {...holding(0, 101, 102, 103), tcp: HEADER + lines.join('')});
    assert.deepEqual(scan(scanner), []);
  });

  it('found by the scan that first sees who holds it', () => {
    tree.set(7, {...holding(), tcp: HEADER + OUT});
    assert.deepEqual(scan(scanner), []);
    tree.set(8, holding(100));
    assert.deepEqual(scan(scanner), ['+100 out 8']);
  });

  it('after a RST it is in no table, but open until it is closed', () => {
    tree.set(7, {...holding(100), tcp: HEADER + OUT});
    scan(scanner);
    tree.set(7, {...holding(100), tcp: HEADER});
    assert.deepEqual([scan(scanner), scan(scanner)], [[], []]);
    tree.set(7, {...holding(), tcp: HEADER});
    assert.deepEqual(scan(scanner), ['-100 out 7']);
  });

  it('in flight from one process to another it is open', () => {
    tree.set(7, {...holding(100), tcp: HEADER + OUT});
    scan(scanner);
    tree.set(7, {...holding(), tcp: HEADER + OUT});
    assert.deepEqual(scan(scanner), []);
    tree.set(9, holding(100));
    assert.deepEqual(scan(scanner), []);
    tree.set(7, {...holding(), tcp: HEADER});
    tree.remove(9);
    assert.deepEqual(scan(scanner), ['-100 out 9']);
  });

  it('of several processes the one with the lowest pid; at the end the last that had it', () => {
    for (const pid of [10, 100, 9]) tree.set(pid, {...holding(100), tcp: HEADER + OUT});
    assert.deepEqual(scan(scanner), ['+100 out 9']);
    tree.remove(9);
    tree.remove(10);
    assert.deepEqual(scan(scanner), []);
    tree.set(100, {...holding(), tcp: HEADER});
    assert.deepEqual(scan(scanner), ['-100 out 100']);
  });

  it('a socket that is connected anew is another connection', () => {
    tree.set(7, {...holding(100), tcp: HEADER + OUT});
    scan(scanner);
    tree.set(7, {...holding(100), tcp: HEADER + line('10.0.0.1 50000', '10.0.0.2 444', 100)});
    const {opened, closed} = scanner.scan();
    assert.deepEqual([closed.map(({rport}) => rport), opened.map(({rport}) => rport)], [[443], [444]]);
  });

  it('a socket in several lines (subflows of MPTCP) is one connection, in whatever order they come', () => {
    const other = line('10.0.0.3 50001', '10.0.0.4 443', 100);
    tree.set(7, {...holding(100), tcp: HEADER + OUT + other});
    assert.deepEqual(
      scanner.scan().opened.map(({laddr}) => laddr),
      ['10.0.0.1'],
    );
    assert.deepEqual(scan(scanner), []);
    tree.set(7, {...holding(100), tcp: HEADER + other + OUT});
    assert.deepEqual(scan(scanner), []);
    tree.set(7, {...holding(), tcp: HEADER});
    assert.deepEqual(scan(scanner), ['-100 out 7']);
  });

  it('an inode that is used again for the same ends in another namespace is another connection', () => {
    tree.set(7, {...holding(100), tcp: HEADER + OUT});
    scan(scanner);
    tree.set(7, {...holding(100), netns: 2, tcp: HEADER + OUT});
    const {opened, closed} = scanner.scan();
    assert.deepEqual([closed.map(({netns}) => netns), opened.map(({netns}) => netns)], [[1], [2]]);
  });

  describe('direction', () => {
    /** Directions of a connection from that local end, where these listen. */
    function direction(local: string, tables: {tcp?: readonly string[]; tcp6?: readonly string[]}): string {
      const remote = local.includes(':')
        ? local.includes('ffff')
          ? '::ffff:10.0.0.9 1'
          : '::9 1'
        : '10.0.0.9 1';
      const connection = line(local, remote, 100);
      const listening = (ends: readonly string[] = []): string =>
        ends.map((it) => line(it, it.includes(':') ? ':: 0' : '0.0.0.0 0', 0, STATES.LISTEN)).join('');
      const isIpv6 = local.includes(':');
      tree.set(7, {
        ...holding(100),
        tcp: HEADER + listening(tables.tcp) + (isIpv6 ? '' : connection),
        tcp6: HEADER + listening(tables.tcp6) + (isIpv6 ? connection : ''),
      });
      return createScanner(tree.root).scan().opened[0]?.direction ?? 'none';
    }

    it('in where a listener is, of that address or of all', () => {
      assert.equal(direction('10.0.0.1 80', {tcp: ['10.0.0.1 80']}), 'in');
      assert.equal(direction('10.0.0.1 80', {tcp: ['0.0.0.0 80']}), 'in');
      assert.equal(direction('10.0.0.1 80', {tcp: ['10.0.0.2 80', '10.0.0.1 80']}), 'in');
      assert.equal(direction('::1 80', {tcp6: [':: 80']}), 'in');
      assert.equal(direction('::ffff:10.0.0.1 80', {tcp6: [':: 80']}), 'in');
      assert.equal(direction('::ffff:10.0.0.1 80', {tcp6: ['::ffff:10.0.0.1 80']}), 'in');
    });

    it('out where it is another address, port or family', () => {
      assert.equal(direction('10.0.0.1 80', {}), 'out');
      assert.equal(direction('10.0.0.1 80', {tcp: ['10.0.0.2 80']}), 'out');
      assert.equal(direction('10.0.0.1 80', {tcp: ['0.0.0.0 81']}), 'out');
      assert.equal(direction('10.0.0.1 80', {tcp6: [':: 80']}), 'out', 'what it accepts is in tcp6');
      assert.equal(direction('::1 80', {tcp6: ['::2 80']}), 'out');
    });

    it('of that namespace only', () => {
      tree.set(7, {...holding(100), tcp: HEADER + line('10.0.0.1 80', '10.0.0.9 1', 100)});
      tree.set(8, {
        ...holding(),
        netns: 2,
        tcp: HEADER + line('0.0.0.0 80', '0.0.0.0 0', 5, STATES.LISTEN),
      });
      assert.deepEqual(scan(scanner), ['+100 out 7']);
    });

    it('of a listener that ended since the scan before, but not earlier', () => {
      const listener = HEADER + line('0.0.0.0 80', '0.0.0.0 0', 5, STATES.LISTEN);
      const accepted = (inode: number): string => line('10.0.0.1 80', `10.0.0.9 ${String(inode)}`, inode);
      tree.set(7, {...holding(100, 101, 102), tcp: listener});
      scan(scanner);
      tree.set(7, {...holding(100, 101, 102), tcp: HEADER + accepted(100)});
      assert.deepEqual(scan(scanner), ['+100 in 7']);
      tree.set(7, {...holding(100, 101, 102), tcp: HEADER + accepted(100) + accepted(101)});
      assert.deepEqual(scan(scanner), ['+101 out 7']);
    });
  });

  describe('namespaces', () => {
    it('each is read through one process of it; the next, if that ends meanwhile', () => {
      tree.set(7, holding());
      tree.set(8, {...holding(100), tcp: HEADER + OUT});
      tree.set(9, {...holding(), tcp: HEADER + line('10.0.0.1 1', '10.0.0.2 2', 100)});
      const [found] = scanner.scan().opened;
      assert.equal(found?.rport, 443);
    });

    it('a socket of another namespace than its process', () => {
      tree.set(7, {...holding(100), tcp: HEADER});
      tree.set(8, {...holding(), netns: 2, tcp: HEADER + OUT});
      assert.deepEqual(
        scanner.scan().opened.map(({netns, holder}) => [netns, holder.pid]),
        [[2, 7]],
      );
    });

    it('the same ends in two of them', () => {
      tree.set(7, {...holding(100), tcp: HEADER + OUT});
      tree.set(8, {...holding(101), netns: 2, tcp: HEADER + OUT.replace(' 100 ', ' 101 ')});
      assert.deepEqual(scan(scanner), ['+100 out 7', '+101 out 8']);
    });

    it('without tcp6 (IPv6 is off), and with it', () => {
      tree.set(7, {...holding(100, 101), tcp: HEADER + OUT});
      assert.deepEqual(scan(scanner), ['+100 out 7']);
      tree.set(7, {...holding(100, 101), tcp: HEADER + OUT, tcp6: HEADER + line('::1 1', '::1 2', 101)});
      assert.deepEqual(scan(scanner), ['+101 out 7']);
    });
  });

  describe('what is missing', () => {
    it('name and user, where the process ended meanwhile', () => {
      const {netns = 0, fds = {}} = holding(100);
      tree.set(7, {netns, fds, tcp: HEADER + OUT});
      assert.deepEqual(scanner.scan().opened[0]?.opener, {pid: 7, comm: undefined, uid: undefined});
    });

    it('a process without descriptors, namespace, or anything', () => {
      tree.set(6, {});
      tree.set(7, {netns: 1, tcp: HEADER + OUT});
      tree.set(8, {fds: {3: 'socket:[100]'}, tcp: HEADER + OUT});
      tree.set(9, holding(100));
      assert.deepEqual(scan(scanner), ['+100 out 9']);
    });

    it('all of /proc', () => {
      for (const root of [tree.root, `${tree.root}/nowhere`])
        assert.throws(() => createScanner(root).scan(), {
          message: `there is no process in ${root}`,
          exitCode: 3,
        });
    });
  });

  it('100,000 lines', () => {
    const lines = Array.from({length: 100_000}, (_, index) =>
      line(`10.0.0.1 ${String(index & 65_535)}`, `10.1.0.${String(index >> 16)} 443`, index + 1),
    );
    tree.set(7, {...holding(1, 50_000, 100_000), tcp: HEADER + lines.join('')});
    assert.deepEqual(scan(scanner), ['+1 out 7', '+50000 out 7', '+100000 out 7']);
  }).timeout(60_000);

  it('any bytes in any file: no crash, no invented connection', () => {
    const noise = fc.uint8Array({maxLength: 300}).map((bytes) => Buffer.from(bytes).toString('latin1'));
    const link = fc.constantFrom('socket:[100]', 'socket:[', 'socket:[x]', 'socket:[100', 'pipe:[100]', 'x');
    fc.assert(
      fc.property(noise, noise, noise, noise, link, (tcp, tcp6, status, comm, to) => {
        tree.set(7, {
          netns: 1,
          fds: {3: to, 5: 'socket:[100]'},
          status,
          comm,
          tcp: `${tcp}\n${OUT}${tcp}`,
          tcp6,
        });
        const {opened} = createScanner(tree.root).scan();
        assert.deepEqual(opened.map(brief), ['100 out 7']);
      }),
      {numRuns: 200},
    );
  });
});

describe('what /proc hides', () => {
  const stat = (state: string, flags: number): string =>
    `7 (a) R 1 (x) ${state} 1 7 7 0 -1 ${String(flags)} 1 2 3\n`;

  function hidden(contents: Readonly<Record<number, Content>>) {
    using tree = new ProcTree();
    for (const [pid, content] of Object.entries(contents)) tree.set(Number(pid), content);
    return findHidden(tree.root);
  }

  it('counts processes whose descriptors or namespace may not be read', () => {
    const visible = {netns: 1, fds: {}};
    assert.deepEqual(
      hidden({
        1: visible,
        2: {netns: 1, stat: stat('S', 0x400040)},
        3: {fds: {}, stat: stat('R', 0)},
        4: {stat: stat('D', 0)},
      }),
      {processes: 3, more: false},
    );
  });

  it('but no kernel threads, and nothing that has ended', () => {
    assert.deepEqual(
      hidden({
        1: {netns: 1, fds: {}},
        2: {stat: stat('S', 0x208040)},
        3: {stat: stat('Z', 0)},
        4: {stat: stat('X', 0)},
      }),
      {processes: 0, more: false},
    );
  });

  it('where not even stat may be read, it counts', () => {
    assert.deepEqual(hidden({1: {}, 2: {}}), {processes: 2, more: false});
  });

  it('without the first process there are more than can be counted', () => {
    assert.deepEqual(hidden({5: {netns: 1, fds: {}}}), {processes: 0, more: true});
  });
});
