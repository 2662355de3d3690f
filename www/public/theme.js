/**
 * Sets the chosen theme before the first paint; without a choice the system's holds.
 * It does not know how the choice is made.
 */
try {
  const theme = localStorage.getItem('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's theme is a good one too.
}
