/** Charts of what is no curve of a job, for the gallery: lines, or the bars of a histogram. */

const size = { width: 640, height: 240 }
const space = { x: 58, y: 50, width: 566, height: 142 }
const colors = ['#0b65c2', '#c2410c']

const text = (content, x, y, more = '') => `<text x="${x}" y="${y}" fill="#57606a"${more}>${content}</text>`

/** A value of a range to three digits of the range. */
const shown = (part, [low, high]) => String(Number((low + (high - low) * part).toFixed(Math.max(0, 3 - Math.ceil(Math.log10(high - low))))))

/** Where a value lies between two others, over a length. */
const place = (value, [low, high], length) => Math.round(((value - low) / (high - low)) * length * 10) / 10

const frame = ({ title, note, x, y }, content) =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${title}: ${note}" font-family="'DejaVu Sans', Verdana, system-ui, sans-serif" font-size="11">`,
    `<title>${title}: ${note}</title>`,
    `<rect width="${size.width}" height="${size.height}" fill="#ffffff"/>`,
    text(title, 12, 22, ' font-size="14" font-weight="bold"'),
    text(note, 12, 38),
    ...[0, 0.5, 1].flatMap((part) => {
      const level = space.y + space.height * (1 - part)
      return [
        `<path d="M${space.x} ${level}h${space.width}" stroke="#d0d7de"/>`,
        text(shown(part, y), space.x - 6, level + 4, ' text-anchor="end"'),
        text(shown(part, x), space.x + space.width * part, space.y + space.height + 16, ' text-anchor="middle"'),
      ]
    }),
    ...content,
    '</svg>',
    '',
  ].join('\n')

/** Lines of `{ label, points: [x, y][] }` over the same axes. */
export const lineChart = ({ title, note, lines }) => {
  const all = lines.flatMap(({ points }) => points)
  const range = (at) => [Math.min(...all.map((point) => point[at])), Math.max(...all.map((point) => point[at]))]
  const [x, y] = [range(0), range(1)]
  const drawn = lines.flatMap(({ label, points }, at) => {
    const path = points.map(
      (point) => `${space.x + place(point[0], x, space.width)} ${space.y + space.height - place(point[1], y, space.height)}`,
    )
    const left = space.x + at * 180
    return [
      `<path d="M${path.join('L')}" fill="none" stroke="${colors[at]}" stroke-width="1.8"${at > 0 ? ' stroke-dasharray="6 4"' : ''}/>`,
      `<path d="M${left} ${size.height - 16}h18" stroke="${colors[at]}" stroke-width="3"/>`,
      text(label, left + 24, size.height - 12),
    ]
  })
  return frame({ title, note, x, y }, drawn)
}

/** How often the values fall into each of 40 equal parts of their range. */
export const histogram = ({ title, note, values }) => {
  const x = [Math.min(...values), Math.max(...values)]
  const counts = new Array(40).fill(0)
  for (const value of values) counts[Math.min(39, Math.floor(place(value, x, 40)))] += 1
  const y = [0, Math.max(...counts)]
  const bars = counts.map((count, at) => {
    const height = place(count, y, space.height)
    return `<rect x="${space.x + (space.width / 40) * at}" y="${space.y + space.height - height}" width="${space.width / 40 - 1}" height="${height}" fill="${colors[0]}"/>`
  })
  return frame({ title, note, x, y }, bars)
}
