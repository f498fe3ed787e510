/** Decodes the records of new cgroups, `struct cgroup_name` of bpf/event.h. */
import type {KnownCgroup} from './known-cgroups.js';
import {CGROUP_TEXT, CgroupNameOffset} from './layout.js';
import {u32, u64, type Words} from './words.js';

/** Limit of incomplete paths; the kernel may have dropped the rest of them. */
const MAX_INCOMPLETE = 1000;
const MAX_PART_BYTES = CGROUP_TEXT - 1;

function textOf({bytes}: Words, at: number): Buffer {
  const begin = at + CgroupNameOffset.text;
  const text = bytes.subarray(begin, begin + MAX_PART_BYTES);
  const end = text.indexOf(0);
  return end < 0 ? text : text.subarray(0, end);
}

/** Reads the record at an offset. */
export type ReadCgroup = (words: Words, at: number) => void;

/**
 * Joins the parts of paths.
 *
 * @param remember receives each cgroup whose path is complete
 */
export function createCgroupReader(remember: (id: number, cgroup: KnownCgroup) => void): ReadCgroup {
  // parts of several paths may interleave
  const incomplete = new Map<number, readonly Buffer[]>();
  return (words, at) => {
    const id = u64(words, at + CgroupNameOffset.id);
    const parts = incomplete.get(id) ?? [];
    incomplete.delete(id);
    // the kernel dropped a part in between
    if (u32(words, at + CgroupNameOffset.offset) !== parts.length * MAX_PART_BYTES) return;
    const text = textOf(words, at);
    const path = [...parts, Buffer.from(text)];
    if (text.length === MAX_PART_BYTES) {
      if (incomplete.size >= MAX_INCOMPLETE) incomplete.clear();
      incomplete.set(id, path);
    } else remember(id, {path: Buffer.concat(path).toString(), uid: u32(words, at + CgroupNameOffset.uid)});
  };
}
