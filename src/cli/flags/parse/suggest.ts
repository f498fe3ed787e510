import leven from 'leven';

/** Longer words are not compared. */
const MAX_LENGTH = 32;

function sorted(word: string): string {
  return word.split('').sort().join('');
}

/** Number of typing mistakes between two words; reordered letters and a missing prefix or suffix count as half a mistake. */
function distance(word: string, name: string): number {
  const isPart = word.length > 2 && name.includes(word);
  if (word === name) return 0;
  return isPart || sorted(word) === sorted(name) ? 0.5 : leven(word, name);
}

/** Returns the known word that a misspelled one most likely means; undefined if none is similar. */
export function findSimilar(text: string, known: readonly string[]): string | undefined {
  if (text === '' || text.length > MAX_LENGTH) return undefined;
  const word = text.toLowerCase();
  const [nearest] = known
    .map((name) => ({name, mistakes: distance(word, name)}))
    .sort((a, b) => a.mistakes - b.mistakes);
  if (nearest === undefined) return undefined;
  return nearest.mistakes <= Math.max(1, Math.floor(word.length * 0.4)) ? nearest.name : undefined;
}

/** Returns `did you mean "NAME"?`, or the other hint if no known word is similar. */
export function suggest(text: string, known: readonly string[], otherwise: string): string {
  const similar = findSimilar(text, known);
  return similar === undefined ? otherwise : `did you mean ${JSON.stringify(similar)}?`;
}
