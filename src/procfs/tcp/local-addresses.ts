/** Reads the addresses of network namespaces. A connection with another local address is one of a transparent proxy. */
import {BlockList} from 'node:net';
import {readLink, readText} from '../files.js';
import {bracketed} from '../processes.js';

/** Routing tables with the host's own addresses; others, such as those of TPROXY, may route any address to the host. */
const OWN_TABLES = new Set(['Main:', 'Local:']);

/** @param text of /proc/net/fib_trie (fib_trie_seq_show() of net/ipv4/fib_trie.c) */
function addIpv4(list: BlockList, text: string): void {
  let table = '';
  let address = '';
  for (const line of text.split('\n')) {
    if (!line.startsWith(' ')) table = line;
    address = /\|-- (\S+)/.exec(line)?.[1] ?? address;
    const [, length] = /^ +\/(\d+) host LOCAL/.exec(line) ?? [];
    if (length !== undefined && OWN_TABLES.has(table)) list.addSubnet(address, Number(length), 'ipv4');
  }
}

/** @param text of /proc/net/if_inet6 (if6_seq_show() of net/ipv6/addrconf.c) */
function addIpv6(list: BlockList, text: string): void {
  for (const line of text.split('\n')) {
    const [digits] = /^[0-9a-f]{32}/.exec(line) ?? [];
    if (digits !== undefined) list.addAddress(digits.replace(/.{4}(?!$)/g, '$&:'), 'ipv6');
  }
}

/** Returns true if an address belongs to the namespace, or if that is unknown because the process is in another one. */
export type IsLocal = (pid: number, netns: number, family: 4 | 6, address: string) => boolean;

/** Creates a check for one scan, which reads the addresses of each namespace once. @param root mount point of /proc */
export function createLocalAddresses(root: string): IsLocal {
  const known = new Map<number, BlockList>();

  function read(pid: number, netns: number): BlockList | undefined {
    // a process may hold a socket of another namespace
    if (bracketed(readLink(`${root}/${String(pid)}/ns/net`) ?? '', 'net:[') !== netns) return undefined;
    const [ipv4, ipv6] = ['fib_trie', 'if_inet6'].map((name) =>
      readText(`${root}/${String(pid)}/net/${name}`),
    );
    // without the module ipv6, if_inet6 does not exist and no address is IPv6
    if (ipv4 === undefined) return undefined;
    const list = new BlockList();
    addIpv4(list, ipv4);
    addIpv6(list, ipv6 ?? '');
    return list;
  }

  return (pid, netns, family, address) => {
    const list = known.get(netns) ?? read(pid, netns);
    if (list !== undefined) known.set(netns, list);
    return list?.check(address, family === 4 ? 'ipv4' : 'ipv6') ?? true;
  };
}
