/** Runs before anything is drawn, so that a theme that was chosen earlier does not flash up as the other one. */
try {
  const theme = localStorage.getItem('theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Without storage the system's theme it is.
}
