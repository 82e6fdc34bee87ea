import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Grid } from '../../../../src/api/sweep.schema.ts'
import { configAt, errorInRequest, expandGrid } from '../../../../src/features/sweeps/grid.ts'
import { pointer } from '../../../../src/validation/validation-errors.ts'

const base = {
  dataset: { synthetic: { kind: 'linear', weights: [1, 2], examples: 10 } },
  model: {
    layers: [
      { type: 'dense', units: 1 },
      { type: 'dense', units: 2 },
    ],
  },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.1 },
  training: { epochs: 1, batchSize: 5 },
}

const pointsOf = (grid: Parameters<typeof expandGrid>[0]) => {
  const expanded = expandGrid(grid, base)
  assert.ok('value' in expanded, JSON.stringify(expanded))
  return expanded.value
}
const errorsOf = (grid: Parameters<typeof expandGrid>[0], over: Record<string, unknown> = base) => {
  const expanded = expandGrid(grid, over)
  assert.ok('errors' in expanded, 'the grid is refused')
  return expanded.errors
}

describe('a grid', () => {
  it('a grid has every combination, the last path changing fastest', () => {
    assert.deepEqual(
      pointsOf({ 'training.epochs': [1, 2], 'loss.type': ['x', 'y'] }).map(({ values }) => values),
      [
        { 'training.epochs': 1, 'loss.type': 'x' },
        { 'training.epochs': 1, 'loss.type': 'y' },
        { 'training.epochs': 2, 'loss.type': 'x' },
        { 'training.epochs': 2, 'loss.type': 'y' },
      ],
    )
  })

  it('a grid changes a config that shares with the base what it does not change, inside of arrays too, and makes what is missing', () => {
    const [point] = pointsOf({ 'model.layers.1.units': [7], 'gradientClipping.norm': [1] })
    assert.ok(point)
    const before = structuredClone(base)
    const config = configAt(base, point) as typeof base
    assert.deepEqual(config, {
      ...base,
      model: { layers: [base.model.layers[0], { type: 'dense', units: 7 }] },
      gradientClipping: { norm: 1 },
    })
    assert.deepEqual(base, before)
    assert.equal(config.dataset, base.dataset)
    assert.equal(config.model.layers[0], base.model.layers[0])
  })

  it('a grid refuses every path that names no field of a config and no element that the base has, and names it', () => {
    const elements = [
      '2',
      '99999999',
      '1000000',
      '-1',
      '-0',
      '00',
      '01',
      '0x0',
      '1e0',
      '1.0',
      ' 0',
      'length',
      'first',
      'at',
      '+0',
      '9'.repeat(30),
    ]
    const paths = [
      ...elements.flatMap((element) => [`model.layers.${element}`, `model.layers.${element}.units`]),
      'training.speed',
      'model.layers.0.unit',
      'dataset.synthetic.weights.5',
      'dataset.synthetic.weights.length',
      'loss.type.length',
      'loss.type.0',
      'nothing',
      'toString',
      'training.toString',
      'training.hasOwnProperty.x',
      'metadata.a.b',
      'metrics.0',
      'metrics.length',
      '__proto__',
      '__proto__.polluted',
      'training.__proto__.epochs',
      'constructor.prototype.x',
      '',
      '.',
      'training.',
      '.training',
      'training..epochs',
    ]
    for (const path of paths)
      assert.deepEqual(
        errorsOf({ [path]: [1] }).map((error) => [error.path, error.code]),
        [[`/grid${pointer(path)}`, 'path']],
        path,
      )
    const long = `training.${'x'.repeat(5000)}`
    const [error] = errorsOf([{ 'training.epochs': [1] }, { [long]: [1] }])
    assert.ok(error?.path.startsWith('/grid/1/training.xxx') && error.path.length < 300)
  })

  it('a grid takes every field that a config may have, also below what the base leaves out', () => {
    for (const path of [
      'training',
      'training.seed',
      'training.validationDataset.id',
      'schedule.type',
      'earlyStopping.patience',
      'optimizer.momentum',
      'loss.reduction',
      'dataset.synthetic.noiseStd',
      'dataset.synthetic.weights.1',
      'model.layers.0.weightInitializer.std',
      'model.layers.1',
      'metadata.owner',
      'preprocessing.standardize',
      'priority',
    ])
      pointsOf({ [path]: [1] })
  })

  it('a grid names the field that a mistyped one most likely meant', () => {
    assert.match(errorsOf({ 'optimizer.learningrate': [1] })[0]?.message ?? '', /did you mean "learningRate"/)
    assert.match(errorsOf({ 'traning.epochs': [1] })[0]?.message ?? '', /did you mean "training"/)
    assert.doesNotMatch(errorsOf({ 'training.somethingElse': [1] })[0]?.message ?? '', /did you mean/)
  })

  it('a grid refuses paths inside of each other, which would undo each other', () => {
    const grids: Grid[] = [
      { 'training.epochs': [1], training: [{ epochs: 2 }] },
      { model: [{}], 'model.layers.0.units': [1] },
    ]
    for (const grid of grids) {
      const inner = Object.keys(grid).find((path) => path.includes('.')) ?? ''
      assert.deepEqual(
        errorsOf(grid).map(({ path, code }) => [path, code]),
        [[`/grid/${inner}`, 'overlap']],
      )
    }
    pointsOf([{ 'training.epochs': [1] }, { training: [{}] }])
  })

  it('a grid refuses values and bases that nest deeper than any config, whatever the depth', () => {
    const deep = (depth: number): unknown => Array.from({ length: depth }).reduce<unknown>((inner) => [inner], 1)
    assert.deepEqual(
      errorsOf({ metrics: [[], deep(100_000)] }).map(({ path }) => path),
      ['/grid/metrics/1'],
    )
    assert.deepEqual(
      errorsOf({ metrics: [[]] }, { ...base, metadata: deep(100_000) }).map(({ path }) => path),
      ['/base'],
    )
  })

  it('a grid knows which of its values a validation error comes from', () => {
    const [, point] = pointsOf([{ training: [1] }, { 'model.layers': [{ d: 1 }] }])
    assert.ok(point)
    const at = (path: string) => errorInRequest({ path, code: 'x', message: 'y' }, point).path
    assert.equal(at('/model/layers/d'), '/grid/1/model.layers/0/d')
    assert.equal(at('/model/layerss'), '/base/model/layerss')
    assert.equal(at('/body'), '/base')
  })
})
