/** Conditions of filters, made of the values of one flag each. */
import type {MatchSubject, Predicate} from './match-subject.js';

/** A field, or the same of either end. */
export type Get<T> = (candidate: MatchSubject) => readonly (T | undefined)[];

/** Whether one of a candidate's values is one that is wanted; what is unknown is not. */
function someOf<T>(get: Get<T>, isWanted: (value: T) => boolean): Predicate {
  return (candidate) => get(candidate).some((value) => value !== undefined && isWanted(value));
}

export function not(condition: Predicate): Predicate {
  return (candidate) => !condition(candidate);
}

export function hasNumber(numbers: readonly number[], get: Get<number>): Predicate {
  const wanted = new Set(numbers);
  return someOf(get, (number) => wanted.has(number));
}

/** `*` is any text, `?` any character. */
function toPattern(glob: string): RegExp {
  const pattern = glob
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${pattern}$`, 'su');
}

/** @param globs see {@link toPattern} */
export function hasName(globs: readonly string[], get: Get<string>): Predicate {
  const patterns = globs.map(toPattern);
  return someOf(get, (name) => patterns.some((pattern) => pattern.test(name)));
}

/** @param paths without a slash at the end; what is below one of them counts, too */
export function hasCgroup(
  paths: readonly string[],
  cgroupOf: (candidate: MatchSubject) => string | undefined,
): Predicate {
  return (candidate) => {
    const cgroup = cgroupOf(candidate);
    return cgroup !== undefined && paths.some((path) => cgroup === path || cgroup.startsWith(`${path}/`));
  };
}

/** @param texts globs of names, or what ids begin with */
export function hasContainer(
  texts: readonly string[],
  describe: (candidate: MatchSubject) => Pick<MatchSubject, 'container' | 'container_name'>,
): Predicate {
  const patterns = texts.map(toPattern);
  return (candidate) => {
    const {container, container_name} = describe(candidate);
    if (container === undefined) return false;
    const hasPrefix = texts.some((text) => text !== '' && container.startsWith(text));
    return hasPrefix || (container_name !== undefined && patterns.some((it) => it.test(container_name)));
  };
}
