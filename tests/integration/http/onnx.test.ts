/** A trained model in the hands of ONNX Runtime: it predicts what the API predicts, from the columns of the dataset on. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { loadOnnxRuntime, type OnnxSession, type OnnxTensor } from '../../support/onnx-runtime.ts'

const loaded = await loadOnnxRuntime()
const runtime = 'reason' in loaded ? null : loaded
const skip = 'reason' in loaded && loaded.reason

let api: TestApi
before(async () => {
  api = await openTestApi()
  api.bench.work()
})
after(() => api.close())

/** Numbers between -2 and 2 that look like chance and are the same every time. */
const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, at) => 2 * Math.sin(1.7 * (at + from) ** 2 + at))
const rowsOf = (count: number, width: number): number[][] => Array.from({ length: count }, (_, row) => numbers(width, 100 * row))

type Example = { layers: object[]; inputShape?: number[]; rows?: number[][]; parts?: object }

const trained = async (config: object): Promise<string> => {
  const { id } = await api.submit({
    optimizer: { type: 'sgd', learningRate: 0.01 },
    training: { epochs: 2, batchSize: 4, seed: 1 },
    ...config,
  })
  const { status, errorMessage } = await api.bench.ended(id)
  assert.equal(status, 'succeeded', errorMessage ?? '')
  return id
}

const runtimeOf = () => {
  assert.ok(runtime)
  return runtime
}

const modelOf = async (id: string): Promise<{ session: OnnxSession; bytes: Buffer }> => {
  const { statusCode, headers, rawPayload } = await api.app.inject({
    url: `/v1/jobs/${id}/weights`,
    headers: { accept: 'application/onnx' },
  })
  assert.equal(statusCode, 200, rawPayload.toString())
  assert.equal(headers['content-type'], 'application/onnx')
  assert.equal(headers['content-disposition'], `attachment; filename="${id}-epoch-2.onnx"`)
  assert.equal(Number(headers['content-length']), rawPayload.length)
  return { session: await runtimeOf().InferenceSession.create(rawPayload), bytes: rawPayload }
}

const assertSame = (actual: OnnxTensor | undefined, predictions: number[][]): void => {
  const values = actual?.data ?? new Float32Array()
  const expected = predictions.flat()
  assert.equal(values.length, expected.length)
  const scale = Math.max(1e-3, ...expected.map(Math.abs))
  for (const [at, value] of expected.entries())
    assert.ok(Math.abs(value - (values[at] ?? Number.NaN)) <= 1e-5 * scale, `${values[at]} at ${at} in place of ${value}`)
}

const tensorOf = (rows: (number | null)[][], shape: readonly number[]): OnnxTensor =>
  new (runtimeOf().Tensor)(
    'float32',
    Float32Array.from(rows.flat(), (value) => value ?? Number.NaN),
    [rows.length, ...shape],
  )

const examples: Record<string, Example> = {
  'every activation, by name, with options and as a layer': {
    layers: [
      { type: 'dense', units: 4, activation: 'gelu' },
      { type: 'dense', units: 4, activation: { type: 'leakyRelu', negativeSlope: 0.2 } },
      { type: 'dense', units: 4, activation: { type: 'softplus', beta: 3 }, bias: false },
      { type: 'activation', activation: 'silu' },
      { type: 'activation', activation: { type: 'gelu', approximate: 'tanh' } },
      { type: 'dropout', p: 0.4 },
      { type: 'dense', units: 4, activation: 'selu' },
      { type: 'dense', units: 4, activation: { type: 'elu', alpha: 0.5 } },
      { type: 'dense', units: 4, activation: 'softplus' },
      { type: 'dense', units: 4, activation: 'softmax' },
      { type: 'dense', units: 4, activation: 'tanh' },
      { type: 'dense', units: 4, activation: 'relu' },
      { type: 'dense', units: 1, activation: 'sigmoid' },
    ],
  },
  'log-softmax over classes': { layers: [{ type: 'dense', units: 3, activation: 'logSoftmax' }], parts: { loss: { type: 'nll' } } },
  'an image network with paddings of every kind': {
    inputShape: [8, 7, 2],
    layers: [
      { type: 'conv2d', filters: 3, kernelSize: [3, 2], padding: 1, activation: 'relu' },
      { type: 'batchNorm', momentum: 0.3 },
      { type: 'maxPool2d', poolSize: 3, strides: 2, padding: 1 },
      { type: 'conv2d', filters: 2, kernelSize: 2, strides: 2, dilation: 2, padding: 'same' },
      { type: 'avgPool2d', poolSize: 2, strides: 1, padding: 'same' },
      { type: 'flatten' },
      { type: 'batchNorm' },
      { type: 'layerNorm' },
      { type: 'dense', units: 1 },
    ],
  },
  'a sequence network, its input standardized': {
    inputShape: [9, 2],
    layers: [
      { type: 'conv1d', filters: 3, kernelSize: 3, padding: 1, dilation: 2, bias: false, activation: { type: 'leakyRelu' } },
      { type: 'avgPool1d', poolSize: 3, strides: 2, padding: 1 },
      { type: 'layerNorm', normalizedShape: [4, 3] },
      { type: 'batchNorm', affine: false },
      { type: 'maxPool1d', poolSize: 2 },
      { type: 'dense', units: 2 },
      { type: 'layerNorm', elementwiseAffine: false, epsilon: 0.01 },
      { type: 'reshape', shape: [-1] },
      { type: 'dense', units: 1 },
    ],
    parts: { preprocessing: { standardize: true } },
  },
  'a volume network': {
    inputShape: [3, 4, 2, 2],
    layers: [
      { type: 'conv3d', filters: 2, kernelSize: 2, padding: [1, 2, 1] },
      { type: 'batchNorm' },
      { type: 'avgPool3d', poolSize: 2, padding: 1 },
      { type: 'maxPool3d', poolSize: [1, 2, 1] },
      { type: 'flatten' },
      { type: 'dense', units: 1 },
    ],
  },
  'an embedding': {
    inputShape: [3],
    rows: Array.from({ length: 12 }, (_, row) => [row % 5, (2 * row) % 5, (3 * row) % 5]),
    layers: [{ type: 'embedding', vocabularySize: 5, units: 4 }, { type: 'flatten' }, { type: 'dense', units: 1 }],
  },
  'columns far from 0, scaled to their range, and standardized labels': {
    rows: rowsOf(12, 3).map(([a = 0, b = 0, c = 0]) => [20_000 + 7 * a, b, 0.01 * c]),
    layers: [{ type: 'dense', units: 1 }],
    parts: { preprocessing: { minMax: ['x1'], robust: ['x2'], standardizeLabels: true } },
  },
}

describe('an ONNX model', { skip }, () => {
  for (const [name, { layers, inputShape = [3], rows, parts = {} }] of Object.entries(examples))
    it(`an ONNX model predicts what the API predicts: ${name}`, async () => {
      const width = inputShape.reduce((product, size) => product * size, 1)
      const features = rows ?? rowsOf(12, width)
      const labels = features.map(([first = 0]) => [Math.abs(first) > 1 ? 1 : 0])
      const { body: dataset } = await api.post('/v1/datasets', { features, labels, inputShape })
      const id = await trained({ dataset: { id: dataset.id }, model: { layers }, ...parts })
      const { session } = await modelOf(id)
      const { predictions } = await session.run({ features: tensorOf(features, inputShape) })
      assertSame(predictions, (await api.post(`/v1/jobs/${id}/predictions`, { features, output: 'raw' })).body.predictions)
    })

  it('an ONNX model takes a table as it is stored: codes of categories, dates as days, gaps as NaN', async () => {
    const days = ['2026-11-01', '2026-11-05', '2026-12-24']
    const rows = Array.from({ length: 24 }, (_, at) => ({
      colour: at % 7 === 0 ? null : ['red', 'green', 'blue'][at % 3],
      size: at % 5 === 0 ? null : at / 3,
      open: at % 2 === 0,
      day: days[at % 3],
      price: at,
    }))
    const { body: dataset } = await api.post('/v1/datasets', { rows })
    const id = await trained({
      dataset: { id: dataset.id, labels: ['price'] },
      model: { layers: [{ type: 'dense', units: 1 }] },
      preprocessing: { standardize: true, standardizeLabels: true, missing: { strategy: 'median', indicator: true } },
    })
    const { session, bytes } = await modelOf(id)
    const columns: { name: string; type: string; levels?: string[] }[] = JSON.parse(
      /\[\{"name".*?\}\]/s.exec(bytes.toString('latin1'))?.[0] ?? '',
    )
    assert.deepEqual(
      columns.map(({ name, type, levels }) => [name, type, levels]),
      [
        ['colour', 'category', ['blue', 'green', 'red']],
        ['size', 'number', undefined],
        ['open', 'boolean', undefined],
        ['day', 'date', undefined],
      ],
    )
    const asked = [...rows.slice(0, 6), { colour: 'green', size: null, open: null, day: null, price: null }]
    const stored = asked.map(({ colour, size, open, day }) => [
      colour == null ? null : (columns[0]?.levels?.indexOf(colour) ?? -1),
      size ?? null,
      open === null ? null : Number(open),
      day == null ? null : Date.parse(day) / 86_400_000,
    ])
    const { predictions } = await session.run({ features: tensorOf(stored, [4]) })
    const answer = await api.post(`/v1/jobs/${id}/predictions`, { rows: asked.map(({ price: _, ...row }) => row), output: 'raw' })
    assertSame(predictions, answer.body.predictions)
  })

  it('an ONNX model of a loss with two inputs has two inputs and two outputs', async () => {
    const rows = rowsOf(12, 4)
    const { body: dataset } = await api.post('/v1/datasets', {
      rows: rows.map(([a, b, c, d], at) => ({ a, b, c, d, same: at % 2 === 0 ? 1 : -1 })),
    })
    const id = await trained({
      dataset: { id: dataset.id, features: { a: ['a', 'b'], b: ['c', 'd'] }, labels: ['same'] },
      model: { layers: [{ type: 'dense', units: 2, activation: 'tanh' }] },
      loss: { type: 'cosineEmbedding' },
      preprocessing: { standardize: true },
    })
    const groups = { a: rows.map((row) => row.slice(0, 2)), b: rows.map((row) => row.slice(2)) }
    const { session } = await modelOf(id)
    const given = await session.run({ a: tensorOf(groups.a, [2]), b: tensorOf(groups.b, [2]) })
    const { body } = await api.post(`/v1/jobs/${id}/predictions`, { features: groups, output: 'raw' })
    const told: number[][] = body.predictions
    assertSame(
      given['predictions.a'],
      told.map((row) => row.slice(0, 2)),
    )
    assertSame(
      given['predictions.b'],
      told.map((row) => row.slice(2)),
    )
  })
})
