/** Scans of fake /proc directories, for cases that a real /proc shows only by chance. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type {Connection} from '#dist/procfs/tcp/connections.js';
import {findHidden} from '#dist/procfs/hidden.js';
import {createScanner, type Scanner} from '#dist/procfs/tcp/scanner.js';
import {type Content, HEADER, line, ProcTree, STATES} from '../helpers/proc-tree.js';

const OUT = line('10.0.0.1 50000', '10.0.0.2 443', 100);
const STATUS = 'Name:\tx\nUid:\t1000\t0\t0\t0\nGid:\t1\t1\t1\t1\n';

/** A process in network namespace 1 that holds these sockets. */
function holding(...inodes: readonly number[]): Content {
  const fds = Object.fromEntries(inodes.map((inode, index) => [index + 3, `socket:[${String(inode)}]`]));
  return {netns: 1, fds: {0: '/dev/null', 1: 'pipe:[100]', ...fds}, comm: 'name\n', status: STATUS};
}

function brief({inode, holder, direction}: Connection): string {
  return `${String(inode)} ${direction} ${String(holder.pid)}`;
}

/** Scans and returns the changes as `+inode direction pid` and `-inode direction pid`. */
function scan(scanner: Scanner): string[] {
  const {opened, closed} = scanner.scan();
  return [...closed.map((it) => `-${brief(it)}`), ...opened.map((it) => `+${brief(it)}`)];
}

describe('/proc scanner', () => {
  let tree: ProcTree;
  let scanner: Scanner;

  beforeEach(() => {
    tree = new ProcTree();
    scanner = createScanner(tree.root);
  });

  afterEach(() => {
    tree[Symbol.dispose]();
  });

  it('reports a connection with all known fields', () => {
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

  it('reports a connection once when it appears and once when it disappears', () => {
    tree.set(7, {...holding(), tcp: HEADER});
    assert.deepEqual(scan(scanner), []);
    tree.set(7, {...holding(100), tcp: HEADER + OUT});
    assert.deepEqual([scan(scanner), scan(scanner)], [['+100 out 7'], []]);
    tree.set(7, {...holding(), tcp: HEADER});
    assert.deepEqual([scan(scanner), scan(scanner)], [['-100 out 7'], []]);
  });

  it('ignores sockets that are not connections or that no process holds', () => {
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

  it('reports a connection once it has a holder', () => {
    tree.set(7, {...holding(), tcp: HEADER + OUT});
    assert.deepEqual(scan(scanner), []);
    tree.set(8, holding(100));
    assert.deepEqual(scan(scanner), ['+100 out 8']);
  });

  it('treats a reset connection as open while a process holds it', () => {
    tree.set(7, {...holding(100), tcp: HEADER + OUT});
    scan(scanner);
    tree.set(7, {...holding(100), tcp: HEADER});
    assert.deepEqual([scan(scanner), scan(scanner)], [[], []]);
    tree.set(7, {...holding(), tcp: HEADER});
    assert.deepEqual(scan(scanner), ['-100 out 7']);
  });

  it('treats a socket as open while it is passed between processes', () => {
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

  it('attributes a shared socket to the lowest pid, and its close to the last holder', () => {
    for (const pid of [10, 100, 9]) tree.set(pid, {...holding(100), tcp: HEADER + OUT});
    assert.deepEqual(scan(scanner), ['+100 out 9']);
    tree.remove(9);
    tree.remove(10);
    assert.deepEqual(scan(scanner), []);
    tree.set(100, {...holding(), tcp: HEADER});
    assert.deepEqual(scan(scanner), ['-100 out 100']);
  });

  it('treats a reconnected socket as a new connection', () => {
    tree.set(7, {...holding(100), tcp: HEADER + OUT});
    scan(scanner);
    tree.set(7, {...holding(100), tcp: HEADER + line('10.0.0.1 50000', '10.0.0.2 444', 100)});
    const {opened, closed} = scanner.scan();
    assert.deepEqual([closed.map(({rport}) => rport), opened.map(({rport}) => rport)], [[443], [444]]);
  });

  it('treats several lines of a socket (MPTCP subflows) as one connection, in any order', () => {
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

  it('treats an inode reused in another namespace as a new connection', () => {
    tree.set(7, {...holding(100), tcp: HEADER + OUT});
    scan(scanner);
    tree.set(7, {...holding(100), netns: 2, tcp: HEADER + OUT});
    const {opened, closed} = scanner.scan();
    assert.deepEqual([closed.map(({netns}) => netns), opened.map(({netns}) => netns)], [[1], [2]]);
  });

  describe('direction', () => {
    /** Returns the direction of a connection with this local endpoint, given these listeners. */
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

    it('is in with a listener at the address or the wildcard', () => {
      assert.equal(direction('10.0.0.1 80', {tcp: ['10.0.0.1 80']}), 'in');
      assert.equal(direction('10.0.0.1 80', {tcp: ['0.0.0.0 80']}), 'in');
      assert.equal(direction('10.0.0.1 80', {tcp: ['10.0.0.2 80', '10.0.0.1 80']}), 'in');
      assert.equal(direction('::1 80', {tcp6: [':: 80']}), 'in');
      assert.equal(direction('::ffff:10.0.0.1 80', {tcp6: [':: 80']}), 'in');
      assert.equal(direction('::ffff:10.0.0.1 80', {tcp6: ['::ffff:10.0.0.1 80']}), 'in');
    });

    it('is out if the listener has another address, port or family', () => {
      assert.equal(direction('10.0.0.1 80', {}), 'out');
      assert.equal(direction('10.0.0.1 80', {tcp: ['10.0.0.2 80']}), 'out');
      assert.equal(direction('10.0.0.1 80', {tcp: ['0.0.0.0 81']}), 'out');
      assert.equal(direction('10.0.0.1 80', {tcp6: [':: 80']}), 'out', 'its connections are in tcp6');
      assert.equal(direction('::1 80', {tcp6: ['::2 80']}), 'out');
    });

    it('considers only listeners of the same namespace', () => {
      tree.set(7, {...holding(100), tcp: HEADER + line('10.0.0.1 80', '10.0.0.9 1', 100)});
      tree.set(8, {
        ...holding(),
        netns: 2,
        tcp: HEADER + line('0.0.0.0 80', '0.0.0.0 0', 5, STATES.LISTEN),
      });
      assert.deepEqual(scan(scanner), ['+100 out 7']);
    });

    it('considers listeners of the previous scan, but not of earlier ones', () => {
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
    it('reads each through one process, or the next if that one exits', () => {
      tree.set(7, holding());
      tree.set(8, {...holding(100), tcp: HEADER + OUT});
      tree.set(9, {...holding(), tcp: HEADER + line('10.0.0.1 1', '10.0.0.2 2', 100)});
      const [found] = scanner.scan().opened;
      assert.equal(found?.rport, 443);
    });

    it('finds a socket of another namespace than its process', () => {
      tree.set(7, {...holding(100), tcp: HEADER});
      tree.set(8, {...holding(), netns: 2, tcp: HEADER + OUT});
      assert.deepEqual(
        scanner.scan().opened.map(({netns, holder}) => [netns, holder.pid]),
        [[2, 7]],
      );
    });

    it('distinguishes equal endpoints in two namespaces', () => {
      tree.set(7, {...holding(100), tcp: HEADER + OUT});
      tree.set(8, {...holding(101), netns: 2, tcp: HEADER + OUT.replace(' 100 ', ' 101 ')});
      assert.deepEqual(scan(scanner), ['+100 out 7', '+101 out 8']);
    });

    it('works with and without tcp6', () => {
      tree.set(7, {...holding(100, 101), tcp: HEADER + OUT});
      assert.deepEqual(scan(scanner), ['+100 out 7']);
      tree.set(7, {...holding(100, 101), tcp: HEADER + OUT, tcp6: HEADER + line('::1 1', '::1 2', 101)});
      assert.deepEqual(scan(scanner), ['+101 out 7']);
    });
  });

  describe('missing files', () => {
    it('omits name and user if the process exits', () => {
      const {netns = 0, fds = {}} = holding(100);
      tree.set(7, {netns, fds, tcp: HEADER + OUT});
      assert.deepEqual(scanner.scan().opened[0]?.opener, {pid: 7, comm: undefined, uid: undefined});
    });

    it('skips a process without descriptors, namespace or any file', () => {
      tree.set(6, {});
      tree.set(7, {netns: 1, tcp: HEADER + OUT});
      tree.set(8, {fds: {3: 'socket:[100]'}, tcp: HEADER + OUT});
      tree.set(9, holding(100));
      assert.deepEqual(scan(scanner), ['+100 out 9']);
    });

    it('fails without any process', () => {
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

  it('any bytes in any file: never throws, invents no connection', () => {
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

describe('hidden processes', () => {
  const stat = (state: string, flags: number): string =>
    `7 (a) R 1 (x) ${state} 1 7 7 0 -1 ${String(flags)} 1 2 3\n`;

  function hidden(contents: Readonly<Record<number, Content>>) {
    using tree = new ProcTree();
    for (const [pid, content] of Object.entries(contents)) tree.set(Number(pid), content);
    return findHidden(tree.root);
  }

  it('counts processes with unreadable descriptors or namespace', () => {
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

  it('does not count kernel threads and exited processes', () => {
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

  it('counts processes with unreadable stat', () => {
    assert.deepEqual(hidden({1: {}, 2: {}}), {processes: 2, more: false});
  });

  it('reports an unknown number if pid 1 is hidden', () => {
    assert.deepEqual(hidden({5: {netns: 1, fds: {}}}), {processes: 0, more: true});
  });
});
