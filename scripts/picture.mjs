#!/usr/bin/env node
/**
 * Draws the picture of the README out of a real run: data, config and result of a linear regression.
 *
 *   npm start                                                # in another terminal
 *   node scripts/picture.mjs [http://127.0.0.1:3000]          # writes docs/first-run.svg
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root, say } from './support/steps.mjs'

const url = process.argv[2] ?? 'http://127.0.0.1:3000'

const call = async (method, path, body) => {
  const response = await fetch(url + path, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.detail}`)
  return answer
}

/** Waits for the end of a job. */
const ended = async (id) => {
  for (;;) {
    const job = await call('GET', `/v1/jobs/${id}?wait=30&waitFor=end`)
    if (['succeeded', 'failed', 'cancelled'].includes(job.status)) return job
  }
}

const config = {
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 } },
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.003 },
  training: { epochs: 15, batchSize: 10, seed: 1 },
}
const { id } = await call('POST', '/v1/jobs', config)
const job = await ended(id)
if (job.status !== 'succeeded') throw new Error(`the job ${job.status}: ${job.error?.message}`)
const { data: epochs } = await call('GET', `/v1/jobs/${id}/epochs`)
const { parameters } = await call('GET', `/v1/jobs/${id}/weights`)
const { columns } = await call('GET', `/v1/datasets/${job.dataset.id}`)
const { features, labels } = await call('GET', `/v1/datasets/${job.dataset.id}/batch?batchSize=5&seed=1`)

const rounded = (value) => String(Number(value.toPrecision(5)))
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const lines = (texts, { x, y, step = 20, kind = 'code' }) =>
  texts.map((text, at) => `<text class="${kind}" x="${x}" y="${y + at * step}" xml:space="preserve">${escaped(text)}</text>`).join('\n  ')

const table = [
  columns.map(({ name }) => name.padStart(7)).join(''),
  ...features.map((row, at) => [...row, ...labels[at]].map((value) => value.toFixed(2).padStart(7)).join('')),
  '      …',
]

const { dataset: _dataset, ...settings } = config
const written = Object.entries(settings).map(
  ([name, value]) => `"${name}": ${JSON.stringify(value).replaceAll('":', '": ').replaceAll(',"', ', "')}`,
)
/** No line longer than its box. */
const wrapped = written.flatMap((line) => {
  const cut = line.length > 38 ? line.indexOf('{', line.indexOf(':')) + 1 : 0
  return cut > 0 ? [line.slice(0, cut), `  ${line.slice(cut)}`] : [line]
})

/** Losses on a logarithmic axis of whole powers of ten. */
const plot = { x: 702, y: 78, width: 234, height: 128 }
const losses = epochs.map(({ loss }) => Math.log10(loss))
const [low, high] = [Math.floor(Math.min(...losses)), Math.ceil(Math.max(...losses))]
const across = (at) => plot.x + (plot.width * at) / Math.max(1, epochs.length - 1)
const down = (loss) => plot.y + (plot.height * (high - loss)) / (high - low)
const powers = Array.from({ length: high - low + 1 }, (_, at) => low + at)
const grid = powers
  .map(
    (power) =>
      `<path class="grid" d="M${plot.x} ${down(power).toFixed(1)}h${plot.width}"/><text class="tick" x="${plot.x - 6}" y="${(down(power) + 4).toFixed(1)}">1e${power}</text>`,
  )
  .join('\n  ')
const curve = losses.map((loss, at) => `${at === 0 ? 'M' : 'L'}${across(at).toFixed(1)} ${down(loss).toFixed(1)}`).join('')

const learned = parameters.map(({ name, values }) => `${name} = ${values.map(rounded).join(', ')}`)
const box = (x, width, title) =>
  `<rect class="box" x="${x}" y="16" width="${width}" height="268" rx="10"/><text class="title" x="${x + 18}" y="46">${title}</text>`

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 300" font-family="system-ui, -apple-system, 'Segoe UI', sans-serif">
  <title>Data and a config go in; the loss of each epoch and the learned weights come back</title>
  <style>
    .box { fill: #f6f8fa; stroke: #c4ccd6 }
    .title { font-size: 15px; font-weight: 600; fill: #1f2328 }
    .code { font: 12.5px ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #24292f; white-space: pre }
    .note { font-size: 12.5px; fill: #57606a }
    .tick { font-size: 10.5px; fill: #57606a; text-anchor: end }
    .grid { stroke: #d0d7de; fill: none }
    .curve { stroke: #0b65c2; stroke-width: 2.4; fill: none; stroke-linejoin: round }
    .road { stroke: #57606a; stroke-width: 2; fill: none }
    .tip { fill: #57606a }
    @media (prefers-color-scheme: dark) {
      .box { fill: #161b22; stroke: #3d444d }
      .title { fill: #f0f6fc }
      .code { fill: #d1d7e0 }
      .note, .tick { fill: #9198a1 }
      .grid { stroke: #30363d }
      .curve { stroke: #58a6ff }
      .road { stroke: #9198a1 }
      .tip { fill: #9198a1 }
    }
  </style>
  ${box(8, 206, 'data')}
  ${lines(table, { x: 14, y: 76 })}
  ${lines(['1000 rows: JSON, CSV,', 'or made from a recipe'], { x: 26, y: 248, step: 18, kind: 'note' })}
  <path class="road" d="M219 150h9"/><path class="tip" d="M238 150l-10 -6v12z"/>
  ${box(244, 382, 'config')}
  ${lines(wrapped, { x: 262, y: 76, step: 21 })}
  ${lines(['POST /v1/jobs'], { x: 262, y: 266, kind: 'note' })}
  <path class="road" d="M632 150h8"/><path class="tip" d="M648 150l-10 -6v12z"/>
  ${box(654, 298, 'result')}
  ${grid}
  <path class="curve" d="${curve}"/>
  ${lines([`loss of epochs 1 to ${epochs.length}`], { x: plot.x, y: plot.y + plot.height + 20, kind: 'note' })}
  ${lines(learned, { x: 672, y: 250 })}
</svg>
`
await writeFile(join(root, 'docs/first-run.svg'), svg)
say(`wrote docs/first-run.svg, of ${epochs.length} epochs`)
