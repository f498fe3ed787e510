/** Builds a fake /proc directory. */
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {endianness, tmpdir} from 'node:os';
import path from 'node:path';

/** Files of one process; an undefined file does not exist. */
export interface Content {
  readonly netns?: number;
  /** Link targets of descriptors, by number. */
  readonly fds?: Readonly<Record<number, string>>;
  readonly comm?: string;
  readonly status?: string;
  readonly stat?: string;
  readonly tcp?: string;
  readonly tcp6?: string;
}

export class ProcTree implements Disposable {
  readonly root = mkdtempSync(path.join(tmpdir(), 'proc-'));

  /** Adds or replaces a process. */
  set(pid: number, {netns, fds, comm, status, stat, tcp, tcp6}: Content): void {
    this.remove(pid);
    const directory = path.join(this.root, String(pid));
    for (const name of ['net', 'ns', ...(fds ? ['fd'] : [])])
      mkdirSync(path.join(directory, name), {recursive: true});
    if (netns !== undefined) symlinkSync(`net:[${String(netns)}]`, path.join(directory, 'ns/net'));
    for (const [fd, to] of Object.entries(fds ?? {})) symlinkSync(to, path.join(directory, 'fd', fd));
    for (const [name, text] of Object.entries({comm, status, stat, 'net/tcp': tcp, 'net/tcp6': tcp6}))
      if (text !== undefined) writeFileSync(path.join(directory, name), text);
  }

  remove(pid: number): void {
    rmSync(path.join(this.root, String(pid)), {recursive: true, force: true});
  }

  [Symbol.dispose](): void {
    rmSync(this.root, {recursive: true});
  }
}

export const HEADER =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

/** Formats an address like /proc/net/tcp: each four bytes as one hexadecimal number in host order. */
export function words(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isLittle = endianness() === 'LE';
  let text = '';
  for (let at = 0; at < bytes.length; at += 4)
    text += view.getUint32(at, isLittle).toString(16).toUpperCase().padStart(8, '0');
  return text;
}

function addressBytes(address: string): Uint8Array {
  const mapped = /^::ffff:([\d.]+)$/.exec(address)?.[1];
  if (mapped !== undefined)
    return Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...addressBytes(mapped));
  if (!address.includes(':')) return Uint8Array.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::').map((part) => part);
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => parseInt(group, 16));
  const [before, after] = [groups(head), groups(tail)];
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return Uint8Array.from([...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 255]));
}

/** @param text `10.0.0.1 80`, `::1 443` */
function end(text: string): string {
  const [address = '', port = ''] = text.split(' ');
  return `${words(addressBytes(address))}:${Number(port).toString(16).toUpperCase().padStart(4, '0')}`;
}

export const STATES = {
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  FIN_WAIT2: 5,
  TIME_WAIT: 6,
  LISTEN: 10,
} as const;

/** A line of tcp or tcp6 as the kernel writes it, with its line feed. */
export function line(
  local: string,
  remote: string,
  inode: number,
  state: number = STATES.ESTABLISHED,
  timer = '00:00000000',
): string {
  const hexState = state.toString(16).toUpperCase().padStart(2, '0');
  return `   7: ${end(local)} ${end(remote)} ${hexState} 00000000:00000000 ${timer} 00000000  1000        0 ${String(inode)} 1 0000000000000000 20 4 30 10 -1\n`;
}
