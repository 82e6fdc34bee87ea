/**
 * What adding to the catalog takes, tried in a copy of the tree: a loss, an optimizer, a metric and a schedule are one file
 * and a line in the list; a layer, an activation or a generator does not compile until every table that must know it does.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../../..')

let copy: string

before(async () => {
  copy = await mkdtemp(join(tmpdir(), 'trainyard-entries-'))
  for (const part of ['src', 'workers', 'tests/support', 'scripts/support', 'package.json', 'tsconfig.json'])
    await cp(join(root, part), join(copy, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const { list, after: line, adds, file, text } of easy) await plant(list, line, adds, file, text)
})

after(() => rm(copy, { recursive: true, force: true }))

/** Writes the file of a new entry, and its line into the list; entries of a small family stand in the list's own file. */
const plant = async (list: string, line: string, adds: string, file: string | undefined, text: string): Promise<void> => {
  const path = join(copy, 'src/catalog', list)
  const before = await readFile(path, 'utf8')
  assert.ok(before.includes(line), `${list} has no line "${line}"`)
  const name = /const (\w+) =/.exec(text)?.[1]
  const imported = file ? `import { ${name} } from './${file}'\n` : ''
  const inPlace = file ? '' : `${text}\n`
  if (file) await writeFile(join(path, '..', file), text)
  await writeFile(path, imported + before.replace(line, () => `${inPlace}${line}\n  ${adds},`))
}

const easy = [
  {
    list: 'losses/all-losses.ts',
    after: 'export const lossCatalog = {',
    adds: 'logCosh',
    file: 'log-cosh.ts',
    text: `import { defineLoss, differenceTerms, sameShape } from './loss.ts'
export const logCosh = defineLoss({
  type: 'logCosh',
  summary: 'log(cosh(ŷ − y)).',
  options: {},
  target: 'number',
  targetShapes: sameShape,
  terms: (ops, call) =>
    differenceTerms(ops, call, (difference) => {
      const size = ops.abs(difference)
      return ops.sub(ops.add(size, ops.softplus(ops.mul(size, -2))), Math.LN2)
    }, ops.tanh),
})
`,
  },
  {
    list: 'optimizers/all-optimizers.ts',
    after: 'export const optimizerCatalog = {',
    adds: 'signSgd',
    file: 'sign-sgd.ts',
    text: `import { defineOptimizer, learningRate } from './optimizer.ts'
export const signSgd = defineOptimizer({
  type: 'signSgd',
  summary: 'Steps of one size.',
  options: { learningRate: learningRate(1e-3) },
  slots: () => ({}),
  update: (ops, { parameter, gradient, shared }) => ({
    parameter: ops.sub(parameter, ops.mul(ops.sign(gradient), shared.learningRate)),
    slots: {},
  }),
})
`,
  },
  {
    list: 'metrics.ts',
    after: 'export const metricCatalog = {',
    adds: 'bias',
    text: `const bias: Metric = {
  type: 'bias',
  summary: 'Mean of |ŷ − y|, once more.',
  options: {},
  better: 'lower',
  of: 'errors',
  value: ({ absolute, rows }) => sumOf(absolute) / (rows * absolute.length),
}
`,
  },
  {
    list: 'schedules.ts',
    after: 'export const scheduleCatalog = {',
    adds: 'inverse',
    text: `const inverse = defineSchedule({ type: 'inverse', summary: 'base / epoch.', options: {}, rate: ({ epoch, base }) => base / epoch })
`,
  },
]

/** Trains a job of all new entries, and writes what the service says of them, as JSON. */
const trial = `
import { describeCatalog } from './src/features/catalog/catalog.ts'
import { createInferenceRequests } from './src/features/inference/inference-requests.ts'
import { betterOf } from './src/catalog/metrics.ts'
import { loadBackend } from './workers/engine/backends/load-backend.ts'
import { createEngine } from './workers/engine/create-engine.ts'
import { evaluateLoss } from './workers/engine/inference/evaluate-loss.ts'
import { createTensorOps } from './workers/engine/ops/ops.ts'
import { writeDocument } from './scripts/support/openapi-document.mjs'
import { planJob, trainAll } from './tests/support/engine-jobs.ts'

const loaded = await loadBackend('cpu')
const rows = [-1, -0.5, 0, 0.5, 1]
const { plan, data } = planJob(
  {
    model: { layers: [{ type: 'dense', units: 1 }] },
    loss: { type: 'logCosh' },
    optimizer: { type: 'signSgd', learningRate: 0.1 },
    schedule: { type: 'inverse' },
    metrics: ['bias'],
    training: { epochs: 4, batchSize: 5, seed: 1 },
  },
  { features: rows.map((x) => [x]), labels: rows.map((x) => [2 * x + 1]) },
)
const epochs = await trainAll(createEngine(loaded), { plan, data })
const request = createInferenceRequests().evaluate('logCosh', {
  inputs: [{ shape: [2], values: [1, 0] }],
  target: { shape: [2], values: [0, 0] },
  options: {},
  reduction: 'sum',
})
const evaluated = evaluateLoss(loaded.tf, createTensorOps(loaded.tf), request)
const { losses, optimizers, metrics, schedules } = describeCatalog()
const document = await writeDocument()
console.log(
  JSON.stringify({
    losses: epochs.map(({ loss }) => loss),
    rates: epochs.map(({ learningRate }) => learningRate),
    metric: epochs.at(-1)?.metrics,
    evaluated,
    better: betterOf('bias'),
    catalog: [losses, optimizers, metrics, schedules].map((entries) => entries.map(({ type }) => type)),
    documented: ['logCosh', 'signSgd', 'bias', 'inverse'].map((name) => document.includes(\`"\${name}"\`)),
  }),
)
`

describe('a new entry of the catalog', () => {
  it('trains, evaluates, documents itself and is listed with one file and its line, be it a loss, optimizer, metric or schedule', async () => {
    await writeFile(join(copy, 'trial.ts'), trial)
    const { stdout } = await run(process.execPath, ['--import', 'tsx', 'trial.ts'], { cwd: copy })
    const told = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
    assert.ok(told.losses[3] < told.losses[0], `the loss went ${told.losses}`)
    for (const [at, rate] of [0.1, 0.05, 0.1 / 3, 0.025].entries()) assert.ok(Math.abs(told.rates[at] - rate) < 1e-6)
    assert.ok(told.metric.bias > 0)
    assert.ok(Math.abs(told.evaluated.value - Math.log(Math.cosh(1))) < 1e-6)
    assert.ok(Math.abs(told.evaluated.gradients[0].values[0] - Math.tanh(1)) < 1e-6)
    assert.equal(told.better, 'lower')
    for (const [at, name] of ['logCosh', 'signSgd', 'bias', 'inverse'].entries()) assert.ok(told.catalog[at].includes(name), name)
    assert.deepEqual(told.documented, [true, true, true, true])
  })

  it('a new entry of the catalog does not compile in any table that must know it, be it a layer, activation or generator, and in nothing else', async () => {
    await plant('layers/all-layers.ts', 'export const layerCatalog = {', 'negate', 'negate.ts', layer)
    await plant('activations.ts', 'export const activationCatalog = {', 'swoosh', undefined, activation)
    await plant('generators.ts', 'export const generatorCatalog = {', "noise: define('noise', 'Noise.', { examples, seed })", undefined, '')
    await writeFile(join(copy, 'tsconfig.planted.json'), JSON.stringify({ extends: './tsconfig.json', include: ['src', 'workers'] }))
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = await run(process.execPath, [compiler, '-p', 'tsconfig.planted.json', '--pretty', 'false'], { cwd: copy }).catch(
      (ended: { stdout: string }) => ended,
    )
    // One error each, the lines that explain it indented.
    const errors = stdout.split(/\n(?=\S)/).filter((error) => error.includes('): error TS'))
    const expected = {
      'src/features/datasets/generators/generate.ts': 'noise',
      'src/features/weights/layers-model/activations.ts': 'swoosh',
      'src/features/weights/layers-model/layers.ts': 'negate',
      'src/features/weights/onnx/activations.ts': 'swoosh',
      'src/features/weights/onnx/layers.ts': 'negate',
      'src/features/weights/torch/layers.ts': 'negate',
      'src/features/weights/torch/module-code.ts': 'swoosh',
    }
    const files = [...new Set(errors.map((error) => error.slice(0, error.indexOf('('))))].sort()
    assert.deepEqual(files, Object.keys(expected), stdout)
    for (const [file, name] of Object.entries(expected))
      assert.ok(
        errors.some((error) => error.startsWith(file) && error.includes(`Property '${name}' is missing`)),
        stdout,
      )
  })
})

const layer = `import { defineLayer } from './layer.ts'
export const negate = defineLayer({
  type: 'negate',
  summary: '−x.',
  options: {},
  infer: (_options, inputShape) => ({ outputShape: inputShape, parameters: [], buffers: [] }),
  forward: (ops, { input }) => ({ output: ops.neg(input) }),
})
`

const activation = `const swoosh = defineActivation({ type: 'swoosh', summary: '−x.', options: {}, apply: (ops, x) => ops.neg(x) })
`
