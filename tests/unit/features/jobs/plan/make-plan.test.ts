import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StoredColumn } from '../../../../../src/api/column.schema.ts'
import { errorsOf, layers, onlyError, planOf, request, table } from '../../../../support/planning.ts'

describe('planning a job', () => {
  it('planning a job refuses a model without parameters, which nothing could train', () => {
    const [path, message] = onlyError(errorsOf(layers({ type: 'dropout' }, { type: 'batchNorm', affine: false }), table(2, 2)))
    assert.equal(path, '/model/layers')
    assert.match(message, /no parameters/)
  })

  it('infers the input from the data and counts parameters and steps', () => {
    const plan = planOf({ ...layers({ type: 'dense', units: 8, activation: 'relu' }, { type: 'dense', units: 1 }) })
    assert.deepEqual(
      plan.parameters.map(({ name, shape }) => [name, shape]),
      [
        ['layers.0.weight', [2, 8]],
        ['layers.0.bias', [8]],
        ['layers.1.weight', [8, 1]],
        ['layers.1.bias', [1]],
      ],
    )
    assert.equal(plan.parameterCount, 33)
    assert.equal(plan.stepsPerEpoch, 3)
    assert.equal(planOf({ training: { ...request.training, dropLast: true } }).stepsPerEpoch, 2)
  })

  it('planning a job follows shapes through convolutions, pooling and reshaping', () => {
    const plan = planOf(
      layers(
        { type: 'conv2d', filters: 4, kernelSize: 3, strides: 2, padding: 1 },
        { type: 'maxPool2d', poolSize: 2 },
        { type: 'conv2d', filters: 2, kernelSize: 1, padding: 'same' },
        { type: 'reshape', shape: [-1, 2] },
        { type: 'conv1d', filters: 3, kernelSize: 2, dilation: 2 },
        { type: 'flatten' },
        { type: 'dense', units: 1 },
      ),
      { ...table(192, 1), inputShape: [8, 8, 3] },
    )
    assert.deepEqual(
      plan.layers.map(({ outputShape }) => outputShape),
      [[4, 4, 4], [2, 2, 4], [2, 2, 2], [4, 2], [2, 3], [6], [1]],
    )
    assert.deepEqual(plan.parameters[0], { ...plan.parameters[0], shape: [3, 3, 3, 4], fanIn: 27, fanOut: 36 })
  })

  it('planning a job names layer, expected and got where an image is missing', () => {
    const [path, message] = onlyError(errorsOf(layers({ type: 'dense', units: 4 }, { type: 'conv2d', filters: 1, kernelSize: 3 })))
    assert.equal(path, '/model/layers/1')
    assert.match(message, /layer 1 \(conv2d\) expects an input of shape \[height, width, channels\].*got \[4\]/)
  })

  it('planning a job refuses a window larger than its input, and a shape of another size', () => {
    const image = { ...table(16, 1), inputShape: [4, 4, 1] }
    assert.match(
      onlyError(errorsOf(layers({ type: 'maxPool2d', poolSize: 5 }), image))[1],
      /at least as large as the window \[5, 5\]; got \[4, 4, 1\]/,
    )
    const [path, message] = onlyError(errorsOf(layers({ type: 'reshape', shape: [3, -1] }), image))
    assert.equal(path, '/model/layers/0/shape')
    assert.match(message, /16 values.*got \[3, -1\]/)
  })

  it('planning a job says which label columns a loss expects', () => {
    assert.match(onlyError(errorsOf({}, table(2, 2)))[1], /mse with outputs of shape \[1\] per row expects 1 label column; got 2/)
    assert.match(
      onlyError(errorsOf({ ...layers({ type: 'dense', units: 3 }), loss: { type: 'nll' } }, table(2, 3)))[1],
      /expects 1 label column; got 3/,
    )
    assert.deepEqual(planOf({ ...layers({ type: 'dense', units: 3 }), loss: { type: 'crossEntropy' } }).data.labelShape, [])
    assert.deepEqual(planOf({ ...layers({ type: 'dense', units: 3 }), loss: { type: 'crossEntropy' } }, table(2, 3)).data.labelShape, [3])
  })

  it('planning a job refuses labels out of the range of classes, and fractions, where statistics tell', () => {
    const classifier = { ...layers({ type: 'dense', units: 3 }), loss: { type: 'crossEntropy' } }
    const withLabel = (statistics: Partial<StoredColumn>) => {
      const dataset = table(2, 1)
      return { ...dataset, columns: dataset.columns.map((column) => (column.role === 'label' ? { ...column, ...statistics } : column)) }
    }
    assert.deepEqual(errorsOf(classifier, withLabel({ type: 'integer', min: 0, max: 2 })), [])
    const [path, message] = onlyError(errorsOf(classifier, withLabel({ type: 'integer', min: 0, max: 3 })))
    assert.equal(path, '/dataset/labels')
    assert.match(message, /class indices from 0 to 2, as the model has 3 outputs; column "y0" holds 3/)
    assert.match(onlyError(errorsOf(classifier, withLabel({ type: 'integer', min: -1, max: 2 })))[1], /holds -1/)
    assert.match(onlyError(errorsOf(classifier, withLabel({ type: 'number', min: 0, max: 2 })))[1], /fractions/)
    const ignoring = { ...classifier, loss: { type: 'crossEntropy', ignoreIndex: -1 } }
    assert.deepEqual(errorsOf(ignoring, withLabel({ type: 'integer', min: -1, max: 2 })), [])
    const signs = { ...layers({ type: 'dense', units: 1 }), loss: { type: 'softMargin' } }
    assert.deepEqual(errorsOf(signs, withLabel({ type: 'integer', min: -1, max: 1, mean: 0.6, std: 0.8 })), [])
    assert.deepEqual(errorsOf(signs, withLabel({ type: 'integer', min: 1, max: 1, mean: 1, std: 0 })), [])
    for (const column of [
      { min: 0, max: 1, mean: 0.5, std: 0.5 },
      { min: -1, max: 1, mean: 0, std: 0.9 },
    ])
      assert.match(onlyError(errorsOf(signs, withLabel({ type: 'integer', ...column })))[1], /labels -1 and 1; column "y0" holds 0/)
  })

  it('planning a job refuses negative labels of klDiv unless they are logarithms, and an index to ignore among class probabilities', () => {
    const { columns, ...rest } = table(2, 1)
    const negative = { ...rest, columns: columns.map((column) => (column.role === 'label' ? { ...column, min: -0.5, max: 1 } : column)) }
    const [path, message] = onlyError(errorsOf({ loss: { type: 'klDiv' } }, negative))
    assert.equal(path, '/dataset/labels')
    assert.match(message, /klDiv expects labels to be a probability, at least 0; column "y0" holds -0.5/)
    assert.deepEqual(errorsOf({ loss: { type: 'klDiv', logTarget: true } }, negative), [])
    assert.deepEqual(errorsOf({ loss: { type: 'bceWithLogits' } }, negative), [])
    const ignoring = (ignoreIndex: number) => ({ ...layers({ type: 'dense', units: 3 }), loss: { type: 'crossEntropy', ignoreIndex } })
    assert.equal(onlyError(errorsOf(ignoring(1), table(2, 3)))[0], '/loss/ignoreIndex')
    assert.deepEqual(errorsOf(ignoring(-100), table(2, 3)), [])
    assert.deepEqual(errorsOf(ignoring(1), table(2, 1)), [])
  })

  it('planning a job knows the classes of a synthetic table before its rows are made, and plans the same afterwards', () => {
    const classifier = { ...layers({ type: 'dense', units: 3 }), loss: { type: 'crossEntropy' } }
    const blobs = (centers: number, statistics = {}) => ({
      rows: 25,
      inputShape: [],
      spec: { kind: 'blobs' as const, centers, features: 2, clusterStd: 1, low: -10, high: 10, examples: 25, seed: 0 },
      columns: ['x1', 'x2', 'label'].map((name) => ({
        name,
        role: name === 'label' ? ('label' as const) : ('feature' as const),
        ...statistics,
      })),
    })
    assert.deepEqual(errorsOf(classifier, blobs(3)), [])
    assert.deepEqual(errorsOf(classifier, blobs(3, { type: 'number', min: 5, max: 9 })), [])
    assert.match(onlyError(errorsOf(classifier, blobs(4)))[1], /class indices from 0 to 2.*holds 3/)
    const line = { kind: 'linear' as const, weights: [1], bias: 0, examples: 25, noiseStd: 0, seed: 0 }
    assert.match(onlyError(errorsOf(classifier, { ...table(1, 1), spec: line }))[1], /fractions/)
  })

  it('planning a job refuses initial weights for another number of features, and for parameters that are not there', () => {
    const initialWeights = { 'layers.0.weight': { shape: [2, 1], values: [1, 2] }, 'layers.7.weight': { shape: [1], values: [1] } }
    const errors = errorsOf({ model: { ...request.model, initialWeights } }, table(3, 1))
    assert.deepEqual(
      errors.map(({ path }) => path),
      ['/model/initialWeights/layers.0.weight/shape', '/model/initialWeights/layers.7.weight'],
    )
    assert.match(errors[0]?.message ?? '', /whose input is \[3\], expects shape \[3, 1\]; got \[2, 1\]/)
    const short = { 'layers.0.bias': { shape: [1], values: [] } }
    assert.match(onlyError(errorsOf({ model: { ...request.model, initialWeights: short } }))[1], /expects 1 values; got 0/)
  })

  it('planning a job finds columns by name, and lists those that are unknown', () => {
    const dataset = { rows: 5, inputShape: [], columns: ['a', 'b', 'c'].map((name) => ({ name, role: null })) }
    const chosen = (choice: object) => planOf({ dataset: { id: 'ds_1', ...choice } }, dataset).data
    assert.deepEqual([chosen({ labels: ['b'] }).featureColumns, chosen({ labels: ['b'] }).labelColumns], [[[0, 2]], [1]])
    assert.deepEqual(chosen({ features: ['c'], labels: ['a'] }).featureColumns, [[2]])
    const errors = errorsOf({ dataset: { id: 'ds_1', features: ['a', 'd'], labels: ['e'] } }, dataset)
    assert.deepEqual(
      errors.map(({ path }) => path),
      ['/dataset/features/1', '/dataset/labels/0'],
    )
    assert.match(onlyError(errorsOf({ dataset: { id: 'ds_1' } }, dataset))[1], /must name the label columns/)
    assert.match(onlyError(errorsOf({ dataset: { id: 'ds_1', features: ['a'], labels: ['a'] } }, dataset))[1], /both a feature and a label/)
  })

  it('planning a job takes two groups of features for a loss of two inputs, and only for one', () => {
    const groups = { id: 'ds_1', features: { a: ['x0'], b: ['x1'] } }
    assert.deepEqual(planOf({ dataset: groups, loss: { type: 'marginRanking' } }).data.featureColumns, [[0], [1]])
    assert.match(onlyError(errorsOf({ dataset: groups }))[1], /one input/)
    assert.match(onlyError(errorsOf({ loss: { type: 'marginRanking' } }))[1], /two inputs/)
    const unequal = { id: 'ds_1', features: { a: ['x0'], b: ['x1', 'x2'] } }
    assert.ok(errorsOf({ dataset: unequal, loss: { type: 'marginRanking' } }, table(3, 1)).some(({ path }) => path === '/dataset/features'))
  })

  it('planning a job refuses epochs without a mini-batch, mini-batches of one under batchNorm, and splits that hold nothing', () => {
    assert.match(
      onlyError(errorsOf({ training: { epochs: 1, batchSize: 26, dropLast: true, seed: 1 } }))[1],
      /25 rows make no mini-batch of 26/,
    )
    const normed = layers({ type: 'dense', units: 2 }, { type: 'batchNorm' }, { type: 'dense', units: 1 })
    assert.match(onlyError(errorsOf({ ...normed, training: { epochs: 1, batchSize: 8, seed: 1 } }))[1], /at least 2 rows/)
    assert.deepEqual(errorsOf({ ...normed, training: { epochs: 1, batchSize: 8, dropLast: true, seed: 1 } }), [])
    assert.match(onlyError(errorsOf({ training: { epochs: 1, seed: 1, validationSplit: 0.01 } }))[1], /no whole row/)
  })

  it('planning a job refuses initializers that cannot fill a tensor, and Nesterov without momentum', () => {
    const [path] = onlyError(errorsOf(layers({ type: 'dense', units: 1, biasInitializer: { type: 'xavierUniform' } })))
    assert.equal(path, '/model/layers/0/biasInitializer')
    const crossed = layers({ type: 'dense', units: 1, weightInitializer: { type: 'uniform', a: 1, b: -1 } })
    assert.equal(onlyError(errorsOf(crossed))[0], '/model/layers/0/weightInitializer/b')
    assert.equal(onlyError(errorsOf({ optimizer: { type: 'sgd', learningRate: 0.1, nesterov: true } }))[0], '/optimizer/nesterov')
  })

  it('lists validation errors of different parts together', () => {
    const config = { optimizer: { type: 'sgd', nesterov: true }, training: { epochs: 1, batchSize: 99, dropLast: true, seed: 1 } }
    assert.deepEqual(
      errorsOf(config, table(2, 2)).map(({ path }) => path),
      ['/training/batchSize', '/optimizer/nesterov', '/loss/type'],
    )
  })

  const dense = (units: number) => ({ type: 'dense', units, activation: 'relu' })
  const net = (hidden: number[], batchSize: number, optimizer = 'sgd') => ({
    ...layers(...hidden.map(dense), { type: 'dense', units: 10 }),
    optimizer: { type: optimizer, learningRate: 0.01 },
    training: { epochs: 2, batchSize, seed: 1 },
  })
  const linear = { training: { epochs: 1, batchSize: 1024, seed: 1 } }
  // What native TensorFlow or WebAssembly, whichever held more, added at its peak, in units of 10⁶ bytes.
  const measured: [string, number, object, ReturnType<typeof table>][] = [
    ["the notebook's", 17, {}, table(2, 1, 1000)],
    ['a long table', 270, linear, table(100, 1, 200_000)],
    ['a longer table', 765, linear, table(100, 1, 600_000)],
    ['wide layers', 397, net([2000, 2000], 64), table(100, 10, 4000)],
    ['wider layers', 484, net([3000, 3000], 64), table(100, 10, 4000)],
    ["Adam's slots", 896, net([3000, 3000], 64, 'adam'), table(100, 10, 4000)],
    ['a small mini-batch', 249, net([500, 500, 500], 64), table(100, 10, 20_000)],
    ['a large mini-batch', 446, net([500, 500, 500], 10_000), table(100, 10, 20_000)],
    [
      'forty million parameters under Adam',
      3478,
      { ...layers({ type: 'dense', units: 8000 }), optimizer: { type: 'adam', learningRate: 0.001 } },
      table(5000, 8000, 20),
    ],
    ['many layers', 918, net(new Array<number>(16).fill(256), 256), table(100, 10, 20_000)],
  ]
  for (const [what, megabytes, config, data] of measured)
    it(`estimates the memory of ${what} at three quarters to twice of what was measured`, () => {
      const estimate = planOf(config, data).memoryBytes / 1e6
      assert.ok(estimate > 0.75 * megabytes && estimate < 2 * megabytes, `${estimate} for ${megabytes}`)
    })
})
