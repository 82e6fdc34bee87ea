/** Curves as an SVG: axes, lines and a legend, in one text that refers to nothing outside of it. */
import type { Theme } from '../../api/picture.schema.ts'
import type { Axis } from './axis.ts'
import { linearAxis, logAxis } from './axis.ts'
import { palettes } from './palettes.ts'
import { escapeText, shorten } from './svg-text.ts'

/** A curve and what the legend calls it; values may be anything, also NaN. */
export type PicturedCurve = { label: string; epochs: ArrayLike<number>; values: ArrayLike<number> }

export type PictureOptions = {
  width: number
  height: number
  log: boolean
  theme: Theme
  title: string
  metric: string
  /** What it says if there is no point at all. */
  nothing: string
}

const legendLine = 16

/** The picture; one without any point says so. Texts are escaped here. */
export const drawCurves = (curves: readonly PicturedCurve[], options: PictureOptions): string => {
  const { width, height, theme, title, metric, log, nothing } = options
  const colors = palettes[theme]
  const space = plotSpace(curves, options)
  const points = curves.map(({ epochs, values }) => Array.from(values, (value, at) => ({ x: epochs[at] ?? 0, y: value })))
  const shown = points.flat().filter(({ y }) => Number.isFinite(y))
  const across = linearAxis(xOf(points.flat()), Math.max(2, Math.floor(space.width / 70)), { whole: true })
  const lines = Math.max(2, Math.floor(space.height / (log ? 32 : 45)))
  const upwards = log ? logAxis(yOf(shown), lines) : shown.length > 0 ? linearAxis(yOf(shown), lines) : null
  const name = `${title}: ${metric} by epoch`
  const empty = points.some((some) => some.length > 0) ? `no ${log ? 'value above 0' : 'finite value'}` : nothing
  const parts = upwards
    ? [
        grid(across, upwards, space, colors),
        ...points.map((some, at) => curve(some, { across, upwards, space, color: colors.curves[at % 10] ?? '' })),
      ]
    : [text(empty, { x: space.x + space.width / 2, y: space.y + space.height / 2, anchor: 'middle', fill: colors.text })]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(name)}" font-family="'DejaVu Sans', Verdana, system-ui, sans-serif" font-size="11">`,
    `<title>${escapeText(name)}</title>`,
    `<rect width="${width}" height="${height}" fill="${colors.background}"/>`,
    text(shorten(title, Math.floor((width - 24) / 8.5)), { x: 12, y: 22, fill: colors.title, size: 14 }),
    text(`${metric}${log ? ', logarithmic' : ''}`, { x: 12, y: 38, fill: colors.text }),
    ...parts,
    text('epoch', { x: space.x + space.width, y: space.y + space.height + 30, anchor: 'end', fill: colors.text }),
    ...legend(curves, options, colors),
    '</svg>',
  ].join('\n')
}

type Space = { x: number; y: number; width: number; height: number }
type Point = { x: number; y: number }
type Colors = (typeof palettes)[Theme]

const xOf = (points: readonly Point[]): number[] => points.map(({ x }) => x)
const yOf = (points: readonly Point[]): number[] => points.map(({ y }) => y)

/** Lines of the legend that fit; a single curve is named by the title. */
const legendLines = (curves: readonly PicturedCurve[], height: number): number =>
  curves.length > 1 ? Math.max(0, Math.min(curves.length, Math.floor((height - 170) / legendLine))) : 0

const plotSpace = (curves: readonly PicturedCurve[], { width, height }: PictureOptions): Space => {
  const lines = legendLines(curves, height)
  return { x: 58, y: 50, width: width - 58 - 16, height: height - 50 - 38 - (lines > 0 ? lines * legendLine + 6 : 0) }
}

const grid = (across: Axis, upwards: Axis, { x, y, width, height }: Space, colors: Colors): string => {
  const rows = upwards.ticks.map(({ at, label }) => {
    const level = round(y + height * (1 - at))
    return `<path d="M${x} ${level}h${width}" stroke="${colors.grid}"/>${text(label, { x: x - 6, y: level + 4, anchor: 'end', fill: colors.text })}`
  })
  const columns = across.ticks.map(({ at, label }) => {
    const place = round(x + width * at)
    return `<path d="M${place} ${y + height}v4" stroke="${colors.text}"/>${text(label, { x: place, y: y + height + 16, anchor: 'middle', fill: colors.text })}`
  })
  return [...rows, `<path d="M${x} ${y + height}h${width}" stroke="${colors.text}"/>`, ...columns].join('\n')
}

/** A line through the points, with a gap where a value has no place; a lonely point is a dot. */
const curve = (
  points: readonly Point[],
  { across, upwards, space, color }: { across: Axis; upwards: Axis; space: Space; color: string },
): string => {
  const runs: string[][] = [[]]
  for (const { x, y } of points) {
    const place = Number.isFinite(y) ? upwards.place(y) : Number.NaN
    if (Number.isFinite(place))
      runs.at(-1)?.push(`${round(space.x + space.width * across.place(x))} ${round(space.y + space.height * (1 - place))}`)
    else runs.push([])
  }
  const line = runs.map((run) => (run.length > 1 ? `M${run.join('L')}` : '')).join('')
  const dots = runs.filter((run) => run.length === 1).map(([place = '']) => `M${place}h0`)
  return [
    `<path d="${line}" fill="none" stroke="${color}" stroke-width="1.8" stroke-linejoin="round"/>`,
    ...(dots.length > 0 ? [`<path d="${dots.join('')}" stroke="${color}" stroke-width="5" stroke-linecap="round"/>`] : []),
  ].join('\n')
}

const legend = (curves: readonly PicturedCurve[], { height, width }: PictureOptions, colors: Colors): string[] => {
  const lines = legendLines(curves, height)
  return curves.slice(0, lines).map(({ label }, at) => {
    const y = height - (lines - at) * legendLine
    const more = at === lines - 1 && curves.length > lines ? ` and ${curves.length - lines} more` : ''
    const shown = shorten(label, Math.floor((width - 100) / 7) - more.length) + more
    return `<path d="M58 ${y + 4}h18" stroke="${colors.curves[at % 10]}" stroke-width="3"/>${text(shown, { x: 82, y: y + 8, fill: colors.text })}`
  })
}

const text = (
  content: string,
  { x, y, fill, anchor, size }: { x: number; y: number; fill: string; anchor?: 'middle' | 'end'; size?: number },
): string =>
  `<text x="${round(x)}" y="${round(y)}" fill="${fill}"${anchor ? ` text-anchor="${anchor}"` : ''}${size ? ` font-size="${size}" font-weight="bold"` : ''}>${escapeText(content)}</text>`

const round = (value: number): number => Math.round(value * 10) / 10
