import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {readNetfilterListener} from '#dist/procfs/tcp/netlink.js';
import {ProcTree} from '../helpers/proc-tree.js';

/** Sockets of `conntrack -E`: a requesting one with its pid as port id, and a listening one with a random port id. */
const TABLE = `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
00000000e6feb417 0   4711       00000001 0        0        0     2        5        50
000000002e485446 12  2374998224 00000007 256      0        0     2        9        51
000000002be96ce1 12  4711       00000000 0        0        0     2        0        52
000000004dc5ec93 12  0          00000000 0        0        0     2        0        53
`;

describe('netlink sockets', () => {
  it("finds a process's netfilter listener and its drops", () => {
    using tree = new ProcTree();
    mkdirSync(path.join(tree.root, 'net'));
    writeFileSync(path.join(tree.root, 'net/netlink'), TABLE);
    tree.set(4711, {fds: {1: 'pipe:[1]', 3: 'socket:[52]', 4: 'socket:[51]'}});
    tree.set(4712, {fds: {3: 'socket:[50]', 4: 'socket:[52]'}});
    assert.deepEqual(readNetfilterListener(4711, tree.root), {inode: 51, unreadBytes: 256, drops: 9});
    assert.equal(readNetfilterListener(4712, tree.root), undefined);
    assert.equal(readNetfilterListener(4713, tree.root), undefined);
  });

  it('finds none without the table', () => {
    using tree = new ProcTree();
    tree.set(4711, {fds: {4: 'socket:[51]'}});
    assert.equal(readNetfilterListener(4711, tree.root), undefined);
  });
});
