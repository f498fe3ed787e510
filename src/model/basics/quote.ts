/** Longest text that a message quotes, in UTF-16 code units. */
const MAX_LENGTH = 80;

/** Cuts user input in a message at 80 characters. */
export function cut(text: string): string {
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH)}...`;
}

/** Quotes user input in a message; see {@link cut}. */
export function quote(text: string): string {
  return JSON.stringify(cut(text));
}
