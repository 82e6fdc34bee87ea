import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SyntheticSpec } from '../../../../../src/catalog/generators.ts'
import type { KnownTable } from '../../../../../src/features/jobs/choices/known-table.ts'
import { check, column, configOf, errorsOf, onPenguins, outputsOf, penguins } from '../../../../support/choices.ts'

describe('a job of one line', () => {
  it('a job of one line has every part, says which were chosen, and is the same when it is sent again as it came back', () => {
    const config = onPenguins('Species')
    assert.deepEqual(config.auto, [
      '/dataset/features',
      '/preprocessing',
      '/model',
      '/loss',
      '/optimizer',
      '/training',
      '/earlyStopping',
      '/metrics',
      '/record',
    ])
    const { auto: _chosen, ...echo } = config
    assert.deepEqual(configOf(config), echo)
    assert.deepEqual(onPenguins('Species'), config)
  })

  it('a job of one line trains on all columns but text, numbers of rows, constants, rare levels and what was left out', () => {
    const { dataset } = onPenguins('Species')
    assert.ok('id' in dataset)
    assert.deepEqual(dataset.features, ['Sex', 'Beak', 'Alive', 'Seen'])
  })

  it('a job of one line trains on numbers of rows if there is nothing else', () => {
    const table = { ...penguins, columns: penguins.columns.slice(0, 2) }
    const { dataset } = configOf({ dataset: { id: 'ds_1', labels: ['Species'] } }, table)
    assert.ok('id' in dataset)
    assert.deepEqual(dataset.features, ['row'])
  })

  it('a job of one line learns a category by its classes, two levels and booleans by one yes or no, and numbers as they are', () => {
    const kinds = ['Species', 'Sex', 'Alive', 'Beak', 'Seen'].map((label) => {
      const config = onPenguins(label)
      return [config.loss.type, outputsOf(config), config.metrics[0]]
    })
    assert.deepEqual(kinds, [
      ['crossEntropy', 3, 'accuracy'],
      ['bceWithLogits', 1, 'accuracy'],
      ['bceWithLogits', 1, 'accuracy'],
      ['mse', 1, 'r2'],
      ['mse', 1, 'r2'],
    ])
  })

  it('several labels are learned together if all are numbers, or all are of two levels', () => {
    const both = (labels: string[]) => configOf({ dataset: { id: 'ds_1', labels } })
    assert.deepEqual(
      [both(['Beak', 'Seen'])].map((config) => [config.loss.type, outputsOf(config)]),
      [['mse', 2]],
    )
    assert.deepEqual(
      [both(['Sex', 'Alive'])].map((config) => [config.loss.type, outputsOf(config)]),
      [['bceWithLogits', 2]],
    )
    assert.deepEqual(
      errorsOf({ dataset: { id: 'ds_1', labels: ['Species', 'Beak'] } }).map(({ path }) => path),
      ['/loss'],
    )
  })

  it('a synthetic table is learned by what its generator says of its labels', () => {
    const lossOf = (synthetic: object) => {
      const request = { dataset: { synthetic } }
      assert.deepEqual(check(request), [])
      const spec = request.dataset.synthetic as SyntheticSpec
      const table: KnownTable = {
        rows: spec.examples,
        inputShape: [],
        spec,
        columns: [
          { name: 'x1', role: 'feature' },
          { name: 'x2', role: 'feature' },
          { name: 'y', role: 'label' },
        ],
      }
      const config = configOf(request, table)
      return [config.loss.type, outputsOf(config), config.auto?.[0]]
    }
    assert.deepEqual(lossOf({ kind: 'linear', weights: [2, -3.4], bias: 4.2 }), ['mse', 1, '/preprocessing'])
    assert.deepEqual(lossOf({ kind: 'moons' }), ['bceWithLogits', 1, '/preprocessing'])
    assert.deepEqual(lossOf({ kind: 'spirals', classes: 3 }), ['crossEntropy', 3, '/preprocessing'])
  })

  it('a label that cannot be learned is refused with what can be done', () => {
    const messages = (label: string) => errorsOf({ dataset: { id: 'ds_1', labels: [label] } }).map(({ path, message }) => [path, message])
    assert.match(String(messages('Comments')), /^\/dataset\/labels,column "Comments" is text: declare/)
    assert.match(String(messages('Region')), /^\/dataset\/labels,column "Region" has fewer than two levels/)
    assert.match(String(messages('Empty')), /^\/dataset\/labels,column "Empty" has nothing but missing values/)
    assert.match(String(messages('Nothing')), /^\/dataset\/labels\/0,there is no column "Nothing"/)
    assert.deepEqual(
      errorsOf({ dataset: { id: 'ds_1' } }).map(({ path }) => path),
      ['/dataset/labels'],
    )
  })
})

describe('parts that are given', () => {
  it('parts that are given are kept, and are not among those that were chosen', () => {
    const given = {
      model: {
        layers: [
          { type: 'dense', units: 7, activation: 'tanh' },
          { type: 'dense', units: 3 },
        ],
      },
      optimizer: { type: 'sgd', learningRate: 0.5 },
      metrics: [],
      record: { gradients: 'none' },
      earlyStopping: { patience: 3 },
    }
    const config = onPenguins('Species', given)
    assert.deepEqual(
      config.model.layers.map((layer) => (layer as { units?: number }).units),
      [7, 3],
    )
    assert.deepEqual(
      [config.optimizer.type, config.metrics, config.record.gradients, config.earlyStopping?.patience],
      ['sgd', [], 'none', 3],
    )
    assert.deepEqual(config.auto, ['/dataset/features', '/preprocessing', '/loss', '/training'])
  })

  it('a loss that is given decides what the model ends in', () => {
    const endOf = (label: string, type: string) => {
      const { model } = onPenguins(label, { loss: { type } })
      const last = model.layers.at(-1) as { units: number; activation: string }
      return [last.units, last.activation]
    }
    assert.deepEqual(endOf('Species', 'nll'), [3, 'logSoftmax'])
    assert.deepEqual(endOf('Sex', 'crossEntropy'), [2, 'linear'])
    assert.deepEqual(endOf('Alive', 'bce'), [1, 'sigmoid'])
    assert.deepEqual(endOf('Beak', 'l1'), [1, 'linear'])
    const classes = { ...penguins, columns: [column('y', 'integer', { max: 9 }), column('x', 'number')] }
    assert.equal(outputsOf(configOf({ dataset: { id: 'ds_1', labels: ['y'] }, loss: { type: 'crossEntropy' } }, classes)), 10)
    assert.deepEqual(
      errorsOf({ dataset: { id: 'ds_1', labels: ['Beak'] }, loss: { type: 'cosineEmbedding' } }).map(({ path }) => path),
      ['/model'],
    )
  })

  it('labels without a unit are not scaled, also for a loss that has one', () => {
    const isScaled = (label: string) => onPenguins(label, { loss: { type: 'mse' } }).preprocessing?.standardizeLabels
    assert.deepEqual(['Beak', 'Seen', 'Alive', 'Sex'].map(isScaled), [true, true, false, false])
    const mixed = configOf({ dataset: { id: 'ds_1', labels: ['Beak', 'Alive'] }, loss: { type: 'l1' } })
    assert.equal(mixed.preprocessing?.standardizeLabels, false)
  })

  it('a model that is given decides which loss it is trained by', () => {
    const lossFor = (label: string, units: number, activation: string) =>
      onPenguins(label, { model: { layers: [{ type: 'dense', units, activation }] } }).loss.type
    assert.equal(lossFor('Sex', 2, 'linear'), 'crossEntropy')
    assert.equal(lossFor('Sex', 1, 'sigmoid'), 'bce')
    assert.equal(lossFor('Species', 3, 'logSoftmax'), 'nll')
  })

  it('of a training without epochs the rest is chosen; with epochs it has its plain defaults, and nothing ends it early', () => {
    const some = onPenguins('Species', { training: { seed: 7, batchSize: 10 } })
    assert.deepEqual([some.training.seed, some.training.batchSize], [7, 10])
    assert.ok(some.auto?.includes('/training/epochs') && !some.auto.includes('/training') && !some.auto.includes('/training/batchSize'))
    assert.ok(some.earlyStopping)
    const all = onPenguins('Species', { training: { epochs: 5 } })
    assert.deepEqual(all.training, { epochs: 5, batchSize: 32, shuffle: true, dropLast: false, validationSplit: 0 })
    assert.equal(all.earlyStopping, undefined)
    assert.ok(!all.auto?.some((path) => path.startsWith('/training')))
  })

  it('of a whole config nothing is chosen, and what else it leaves out has its plain default', () => {
    const whole = {
      dataset: { id: 'ds_1', labels: ['Beak'], features: ['Alive'] },
      model: { layers: [{ type: 'dense', units: 1 }] },
      loss: { type: 'mse' },
      optimizer: { type: 'sgd' },
      training: { epochs: 2 },
    }
    const config = configOf(whole)
    assert.deepEqual(
      [config.auto, config.preprocessing, config.earlyStopping, config.metrics, config.record],
      [undefined, undefined, undefined, [], { gradients: 'full', weights: 'last' }],
    )
  })

  it('a solver gets a linear model and a squared loss, and its rows as they are', () => {
    const config = onPenguins('Beak', { solver: { type: 'leastSquares' }, training: { seed: 1 } })
    assert.deepEqual([config.model.layers.length, outputsOf(config), config.loss.type], [1, 1, 'mse'])
    assert.deepEqual([config.training.epochs, config.training.validationSplit, config.preprocessing], [1, 0, undefined])
    assert.deepEqual(config.auto, ['/dataset/features', '/model', '/loss'])
  })

  it('a small table is trained on whole, for a fixed number of epochs', () => {
    const { training, earlyStopping } = configOf({ dataset: { id: 'ds_1', labels: ['Species'] } }, { ...penguins, rows: 20 })
    assert.deepEqual([training.validationSplit, earlyStopping], [0, undefined])
  })
})
