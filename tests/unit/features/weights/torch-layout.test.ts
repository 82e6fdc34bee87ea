/** PyTorch's names and layouts, held against networks that PyTorch made: tests/fixtures/torch/layouts.py. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { toTorch } from '../../../../src/features/weights/torch/layout.ts'
import { toBytes, toFloats, type WeightTensor } from '../../../../src/features/weights/weight-tensor.ts'
import { createBackendOps } from '../../../../workers/engine/backends/backend-ops.ts'
import { loadBackend } from '../../../../workers/engine/backends/load-backend.ts'
import { openModel, predict } from '../../../../workers/inference/predict.ts'
import { assertClose } from '../../../support/close.ts'
import { planJob } from '../../../support/engine-jobs.ts'

type Stored = Record<string, { shape: number[]; values: number[] }>
type Network = {
  name: string
  layers: object[]
  inputShape: number[]
  input: number[][]
  output: number[][]
  modules: string[]
  state: Stored
  weights: Stored
}
const networks: Network[] = JSON.parse(readFileSync(new URL('../../../fixtures/torch/layouts.json', import.meta.url), 'utf8'))

/** Batches that the running statistics of every network have seen. */
const epoch = 3

const planOf = ({ layers, inputShape, input, output }: Network) =>
  planJob(
    { model: { layers }, loss: { type: 'mse' }, optimizer: { type: 'sgd', learningRate: 0.1 }, training: { epochs: 3, batchSize: 4 } },
    { features: input, labels: output, inputShape },
  ).plan

const toWeights = (stored: Stored): WeightTensor[] =>
  Object.entries(stored).map(([name, { shape, values }]) => ({
    name,
    shape,
    dtype: 'F32',
    norm: Math.hypot(...values),
    read: async () => toBytes(Float32Array.from(values)),
  }))

const valuesOf = async ({ dtype, read }: WeightTensor): Promise<number[]> => {
  const bytes = await read()
  return dtype === 'F32' ? Array.from(toFloats(bytes)) : Array.from(new BigInt64Array(bytes.buffer), Number)
}

for (const network of networks)
  describe(network.name, () => {
    it('the torch layout has the state_dict of the same torch.nn.Sequential', async () => {
      const { tensors, modules } = toTorch(planOf(network), toWeights(network.weights), epoch)
      assert.deepEqual(
        modules.map((code) => code.replace(/\(.*/, '')),
        network.modules,
      )
      const state = await Promise.all(
        tensors.map(async (tensor) => [tensor.name, { shape: tensor.shape, values: await valuesOf(tensor) }] as const),
      )
      assert.deepEqual(state, Object.entries(network.state))
    })

    it('the torch layout answers what PyTorch answers', async () => {
      const backend = await loadBackend('cpu')
      const state = {
        epoch,
        step: 0,
        training: {},
        tensors: await Promise.all(
          toWeights(network.weights).map(async (weight) => ({ ...weight, values: toFloats(await weight.read()) })),
        ),
      }
      const { predictions } = predict(backend.tf, createBackendOps(backend), openModel(backend.tf, { plan: planOf(network), state }), {
        jobId: 'job_1',
        features: [network.input],
      })
      assertClose(predictions.flat().map(Number), network.output.flat(), 1e-5, network.name)
    })
  })
