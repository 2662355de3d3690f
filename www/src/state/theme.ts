/**
 * Light, dark, or as the system says; kept in the browser where that is allowed.
 * It does not know colours.
 */
import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

/** Counts up when the colours may have changed, for what is not drawn by CSS. */
export const coloursChanged = signal(0);

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  coloursChanged.value += 1;
});

export function storedTheme(): Theme {
  const theme = document.documentElement.dataset.theme;
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

export function storeTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem('theme', theme);
  } catch {
    // Then it holds for this visit.
  }
  coloursChanged.value += 1;
}
