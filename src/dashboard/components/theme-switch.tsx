/** Light, dark, or as the system has it. */
import { useState } from 'preact/hooks'
import { createStore } from '../store.ts'

/** Counts changes of the theme: what is drawn by hand, such as a chart, is drawn again. */
export const themeChanges = createStore(0)

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => themeChanges.set(themeChanges.get() + 1))

const order = ['system', 'light', 'dark'] as const
type Theme = (typeof order)[number]
const signs: Record<Theme, string> = { system: '◐', light: '☀', dark: '☾' }

export const ThemeSwitch = () => {
  const [theme, setTheme] = useState<Theme>(current)
  const next = order[(order.indexOf(theme) + 1) % order.length] ?? 'system'
  const change = (): void => {
    if (next === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = next
    try {
      localStorage.setItem('theme', next)
    } catch {
      // Kept until the page is loaded again.
    }
    setTheme(next)
    themeChanges.set(themeChanges.get() + 1)
  }
  return (
    <button
      type="button"
      class="button small quiet"
      onClick={change}
      title={`Theme: ${theme}`}
      aria-label={`Theme: ${theme}. Change to ${next}`}
    >
      <span aria-hidden="true">{signs[theme]}</span>
    </button>
  )
}

const current = (): Theme => {
  const { theme } = document.documentElement.dataset
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}
