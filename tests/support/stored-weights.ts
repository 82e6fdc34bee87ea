/** A job of which a worker stored known weights, and the ways to read them. */
import assert from 'node:assert/strict'
import { type Answer, openTestApi, type TestApi } from './api.ts'
import { report } from './batches.ts'

export const mediaTypes = {
  safetensors: 'application/vnd.safetensors',
  npz: 'application/x-npz',
  onnx: 'application/onnx',
  layersModel: 'application/vnd.tensorflowjs.layers-model+json',
}
export const alice = { authorization: 'Bearer a' }

/** Of batchNorm over two columns and a linear map to one, after epoch 2 of ten steps each. */
export const storedWeights = [
  { name: 'layers.0.weight', shape: [2], values: [1, 2] },
  { name: 'layers.0.bias', shape: [2], values: [3, 4] },
  { name: 'layers.1.weight', shape: [2, 1], values: [0.1, Number.POSITIVE_INFINITY] },
  { name: 'layers.1.bias', shape: [1], values: [Number.NaN] },
  { name: 'layers.0.runningMean', shape: [2], values: [7, 8] },
  { name: 'layers.0.runningVariance', shape: [2], values: [9, 10] },
]

export type WeightsApi = {
  api: TestApi
  /** Of the weights. */
  path: string
  get: (accept: string | undefined, query?: string) => Promise<Answer>
  /** The answer's bytes as they are. */
  download: (accept: string, query?: string) => Promise<{ headers: Record<string, unknown>; bytes: Buffer }>
}

/** The job belongs to alice; there is bob too. */
export const openWeightsApi = async (): Promise<WeightsApi> => {
  const api = await openTestApi({
    apiKeys: [
      { tenant: 'alice', secret: 'a' },
      { tenant: 'bob', secret: 'b' },
    ],
  })
  const job = {
    dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 } },
    model: { layers: [{ type: 'batchNorm' }, { type: 'dense', units: 1 }] },
    loss: { type: 'mse' },
    optimizer: { type: 'sgd', learningRate: 0.03 },
    training: { epochs: 2, batchSize: 100, seed: 42 },
  }
  const path = `/v1/jobs/${(await api.post('/v1/jobs', job, alice)).body.id}/weights`
  const weights = storedWeights.map(({ values, ...rest }) => ({ ...rest, values: Float32Array.from(values), norm: 1.5 }))
  const { commit } = await api.claim()
  await commit({
    epochs: [
      { ...report(1, 0.5), weights: [] },
      { ...report(2, 0.25), weights },
    ],
    fraction: 1,
  })
  return {
    api,
    path,
    get: (accept, query = '') => api.get(path + query, { ...alice, ...(accept === undefined ? {} : { accept }) }),
    download: async (accept, query = '') => {
      const { statusCode, headers, rawPayload } = await api.app.inject({ url: path + query, headers: { ...alice, accept } })
      assert.equal(statusCode, 200, rawPayload.toString())
      return { headers, bytes: rawPayload }
    },
  }
}

/** Little-endian bytes as numbers. */
export const floats = (bytes: Uint8Array): number[] => Array.from(new Float32Array(Uint8Array.from(bytes).buffer))
