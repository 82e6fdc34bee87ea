/** A trained model in TensorFlow.js's own hands: tf.loadLayersModel reads it from the API and predicts what the API predicts. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import '@tensorflow/tfjs-backend-cpu'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'

const mediaType = 'application/vnd.tensorflowjs.layers-model+json'

let api: TestApi
let url: string
before(async () => {
  api = await openTestApi()
  api.bench.work()
  url = await api.app.listen({ host: '127.0.0.1', port: 0 })
  await tf.setBackend('cpu')
})
after(() => api.close())

/** Numbers between -2 and 2 that look like chance and are the same every time. */
const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, at) => 2 * Math.sin(1.7 * (at + from) ** 2 + at))
const rowsOf = (count: number, width: number): number[][] => Array.from({ length: count }, (_, row) => numbers(width, 100 * row))

type Example = { layers: object[]; inputShape?: number[]; rows?: number[][]; parts?: object }

/** A job on these rows, trained for two epochs so that running statistics have moved. */
const train = async ({ layers, inputShape = [3], rows, parts = {} }: Example): Promise<{ id: string; features: number[][] }> => {
  const features =
    rows ??
    rowsOf(
      12,
      inputShape.reduce((product, size) => product * size, 1),
    )
  const table = { features, labels: features.map(([first = 0]) => [Math.abs(first) > 1 ? 1 : 0]), inputShape }
  const { body: dataset } = await api.post('/v1/datasets', table)
  const id = (
    await api.submit({
      dataset: { id: dataset.id },
      model: { layers },
      optimizer: { type: 'sgd', learningRate: 0.01 },
      training: { epochs: 2, batchSize: 4, seed: 1 },
      ...parts,
    })
  ).id
  const { status, errorMessage } = await api.bench.ended(id)
  assert.equal(status, 'succeeded', errorMessage ?? '')
  return { id, features }
}

/** The largest difference between what the loaded model and the API predict. */
const difference = async (id: string, features: number[][], model: tfl.LayersModel, inputShape: number[]): Promise<number> => {
  const { status, body } = await api.post(`/v1/jobs/${id}/predictions`, { features })
  assert.equal(status, 200, JSON.stringify(body))
  const output = model.predict(tf.tensor(features.flat(), [features.length, ...inputShape])) as tf.Tensor
  const expected: number[] = body.predictions.flat()
  const actual = output.dataSync()
  assert.equal(actual.length, expected.length)
  return Math.max(...expected.map((value, at) => Math.abs(value - (actual[at] ?? Number.NaN))))
}

const examples: Record<string, Example> = {
  'the notebook': { layers: [{ type: 'dense', units: 1 }] },
  'activations by name, with options and as layers': {
    layers: [
      { type: 'dense', units: 4, activation: 'gelu' },
      { type: 'dense', units: 4, activation: { type: 'leakyRelu', negativeSlope: 0.2 } },
      { type: 'dense', units: 4, activation: { type: 'softplus', beta: 3 }, bias: false },
      { type: 'activation', activation: 'silu' },
      { type: 'activation', activation: { type: 'softplus', beta: 2 } },
      { type: 'dropout', p: 0.4 },
      { type: 'dense', units: 4, activation: 'selu' },
      { type: 'dense', units: 4, activation: 'elu' },
      { type: 'dense', units: 1, activation: 'sigmoid' },
    ],
  },
  'log-softmax': {
    layers: [
      { type: 'dense', units: 3, activation: 'tanh' },
      { type: 'dense', units: 3, activation: 'logSoftmax' },
    ],
    parts: { loss: { type: 'nll' } },
  },
  'an image network': {
    inputShape: [6, 5, 2],
    layers: [
      { type: 'conv2d', filters: 3, kernelSize: [3, 2], padding: 1, activation: 'relu' },
      { type: 'batchNorm', momentum: 0.3 },
      { type: 'maxPool2d', poolSize: 3, strides: 1, padding: 1 },
      { type: 'conv2d', filters: 2, kernelSize: 2, strides: 2, padding: 'same' },
      { type: 'avgPool2d', poolSize: 2, strides: 1, padding: 'same' },
      { type: 'flatten' },
      { type: 'layerNorm' },
      { type: 'dense', units: 1 },
    ],
  },
  'a sequence network': {
    inputShape: [9, 2],
    layers: [
      { type: 'conv1d', filters: 3, kernelSize: 3, padding: 1, dilation: 2, activation: { type: 'leakyRelu' } },
      { type: 'avgPool1d', poolSize: 3, strides: 2, padding: 1 },
      { type: 'layerNorm', normalizedShape: [4, 3] },
      { type: 'batchNorm', affine: false },
      { type: 'maxPool1d', poolSize: 2 },
      { type: 'dense', units: 2 },
      { type: 'reshape', shape: [-1] },
      { type: 'dense', units: 1 },
    ],
  },
  'a volume network': {
    inputShape: [3, 4, 2, 2],
    layers: [
      { type: 'conv3d', filters: 2, kernelSize: 2, padding: [1, 2, 1] },
      { type: 'batchNorm' },
      { type: 'layerNorm' },
      { type: 'avgPool3d', poolSize: 2, padding: 1 },
      { type: 'maxPool3d', poolSize: [1, 2, 1] },
      { type: 'flatten' },
      { type: 'dense', units: 1 },
    ],
  },
  'an embedding': {
    inputShape: [3],
    rows: Array.from({ length: 12 }, (_, row) => [row % 5, (2 * row) % 5, (3 * row) % 5]),
    layers: [
      { type: 'embedding', vocabularySize: 5, units: 4 },
      { type: 'dense', units: 2, activation: 'relu' },
      { type: 'flatten' },
      { type: 'dense', units: 1 },
    ],
  },
  'standardized columns, some of them': {
    rows: rowsOf(12, 3).map(([a = 0, b = 0, c = 0]) => [100 + 7 * a, b, 0.01 * c]),
    layers: [
      { type: 'dense', units: 2, activation: 'tanh' },
      { type: 'dense', units: 1 },
    ],
    parts: { preprocessing: { standardize: ['x1', 'x3'] } },
  },
  'columns scaled to their range, and standardized labels': {
    rows: rowsOf(12, 3).map(([a = 0, b = 0, c = 0]) => [100 + 7 * a, b, 0.01 * c]),
    layers: [{ type: 'dense', units: 1 }],
    parts: { preprocessing: { minMax: true, standardizeLabels: true } },
  },
  'a standardized image': {
    inputShape: [2, 2, 1],
    layers: [{ type: 'conv2d', filters: 2, kernelSize: 2 }, { type: 'flatten' }, { type: 'dense', units: 1 }],
    parts: { preprocessing: { standardize: true } },
  },
}

describe('tf.loadLayersModel', () => {
  for (const [name, example] of Object.entries(examples))
    it(`predicts what the API predicts: ${name}`, async () => {
      const { id, features } = await train(example)
      const model = await tfl.loadLayersModel(`${url}/v1/jobs/${id}/weights`, { requestInit: { headers: { accept: mediaType } } })
      const apart = await difference(id, features, model, example.inputShape ?? [3])
      assert.ok(apart < 2e-5, `${apart} apart`)
      model.dispose()
    })

  it('tf.loadLayersModel takes the address alone where the format is named in it, for an earlier epoch too', async () => {
    const { id } = await train({ layers: [{ type: 'dense', units: 1 }], parts: { record: { weights: 'everyEpoch' } } })
    const model = await tfl.loadLayersModel(`${url}/v1/jobs/${id}/weights?format=layersModel&epoch=1`)
    const { parameters } = (await api.get(`/v1/jobs/${id}/weights?epoch=1`)).body
    assert.deepEqual(Array.from(model.getWeights()[0]?.dataSync() ?? []), parameters[0].values)
    assert.deepEqual(model.getUserDefinedMetadata(), { jobId: id, epoch: 1 })
    model.dispose()
  })
})

describe('a model that a LayersModel has no words for', () => {
  it('a model that a LayersModel has no words for is a problem that names every layer at fault', async () => {
    const { id } = await train({
      inputShape: [8, 8, 1],
      layers: [
        { type: 'maxPool2d', poolSize: 3, strides: 2, padding: 1 },
        { type: 'flatten' },
        { type: 'dense', units: 2, activation: { type: 'gelu', approximate: 'tanh' } },
        { type: 'dense', units: 1, activation: { type: 'elu', alpha: 0.5 } },
      ],
    })
    const answer = await api.get(`/v1/jobs/${id}/weights`, { accept: mediaType })
    const errors = assertProblem(answer, 422, 'FORMAT_UNSUPPORTED')
    assert.deepEqual(pathsOf(errors), ['/model/layers/0', '/model/layers/2', '/model/layers/3'])
    assert.match(errors[0]?.message ?? '', /layer 0 \(maxPool2d\)/)
    assertProblem(await api.get(`/v1/jobs/${id}/weights/2.bin`), 422, 'FORMAT_UNSUPPORTED')
  })

  it('or whose columns are one-hot', async () => {
    const rows = rowsOf(12, 2).map(([a = 0], row) => [row % 3, a])
    const { id } = await train({
      rows,
      inputShape: [2],
      layers: [{ type: 'dense', units: 1 }],
      parts: { preprocessing: { oneHot: ['x1'] } },
    })
    assert.deepEqual(pathsOf(assertProblem(await api.get(`/v1/jobs/${id}/weights?format=layersModel`), 422, 'FORMAT_UNSUPPORTED')), [
      '/preprocessing',
    ])
  })
})
