/** Light or dark: as the system says, until the button is used. */
import {find} from './dom.js';

/** @param onChange called when the colors have changed */
export function followTheme(onChange: () => void): void {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const button = find('#theme', HTMLButtonElement);
  const isDark = (): boolean => (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const name = (): void => {
    button.textContent = isDark() ? 'Light' : 'Dark';
  };
  system.addEventListener('change', () => {
    name();
    onChange();
  });
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    name();
    onChange();
  });
  name();
}
