/** Colors of pictures; those of the curves are told apart by color-blind people too (Okabe and Ito, and shades of theirs). */
import type { Theme } from '../../api/picture.schema.ts'

export const palettes = {
  light: {
    background: '#ffffff',
    title: '#1f2328',
    text: '#57606a',
    grid: '#d8dee4',
    curves: ['#0b65c2', '#d55e00', '#009e73', '#cc79a7', '#8a6d00', '#56b4e9', '#7a3e00', '#004d40', '#7b3294', '#555555'],
  },
  dark: {
    background: '#0d1117',
    title: '#f0f6fc',
    text: '#9198a1',
    grid: '#30363d',
    curves: ['#58a6ff', '#ff9a57', '#3ddca9', '#f0a6cf', '#e6c84f', '#9bd7ff', '#d9a066', '#7fd1c0', '#c792ea', '#c0c0c0'],
  },
} as const satisfies Record<Theme, object>
