import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { defaultsOf } from '../../../../src/catalog/definition.ts'
import { type LossConfig, trainingLoss, trainingLossCatalog, trainingLossTotals } from '../../../../src/catalog/losses/all-losses.ts'
import type { Tensor, Tensors } from '../../../../src/catalog/ops.ts'
import {
  type OptimizerConfig,
  optimizerCatalog,
  optimizerSlots,
  updateParameters,
} from '../../../../src/catalog/optimizers/all-optimizers.ts'
import {
  type ScheduleConfig,
  type ScheduleState,
  scheduleCatalog,
  scheduledRate,
  scheduleStateAfter,
} from '../../../../src/catalog/schedules.ts'
import { createTensorOps } from '../../../../workers/engine/ops/ops.ts'
import { type Tf, unwrap } from '../../../../workers/engine/step/tape.ts'
import { assertClose } from '../../../support/close.ts'
import { onEveryBackend } from '../../../support/engine-backends.ts'

type NumberTensor = { shape: number[]; values: number[] }
type Config = { type: string } & Record<string, unknown>
type Run = {
  name: string
  loss: Config
  optimizer: Config
  schedule: Config | null
  gradientClipping: unknown
  batchSize: number
  features: NumberTensor
  labels: NumberTensor
  initialWeights: Record<string, NumberTensor>
  epochs: { loss: number; learningRate: number; gradients: Record<string, NumberTensor>; weights: Record<string, NumberTensor> }[]
}

const readRuns = (file: string): Run[] =>
  (JSON.parse(readFileSync(new URL(`../../../fixtures/reference/${file}`, import.meta.url), 'utf8')) as { runs: Run[] }).runs

/** One dense layer of one unit: PyTorch's `[1, in]` weight holds the same values as our `[in, 1]`. */
const linearRuns = [...readRuns('training.json'), ...readRuns('optimizer-options.json')].filter(
  ({ name, gradientClipping }) => name.startsWith('linear/') && !gradientClipping,
)

const withDefaults = (catalog: Record<string, Parameters<typeof defaultsOf>[0]>, config: Config) => {
  const entry = catalog[config.type]
  assert.ok(entry, config.type)
  return { ...defaultsOf(entry), ...config }
}

/** Trains on plain operations, without a model or an engine. */
const train = (tf: Tf, run: Run) => {
  const ops = createTensorOps(tf)
  const loss = withDefaults(trainingLossCatalog, run.loss) as unknown as LossConfig
  const optimizer = withDefaults(optimizerCatalog, run.optimizer) as unknown as OptimizerConfig
  const schedule = withDefaults(scheduleCatalog, run.schedule ?? { type: 'constant' }) as unknown as ScheduleConfig
  const [rows = 0, inputs = 0] = run.features.shape
  const features = tf.tensor2d(run.features.values, [rows, inputs])
  const labels = tf.tensor2d(run.labels.values, [rows, 1])
  let parameters: Tensor[] = [
    tf.tensor2d(run.initialWeights['0.weight']?.values ?? [], [inputs, 1]),
    tf.tensor1d(run.initialWeights['0.bias']?.values ?? []),
  ]
  const filled = (parameter: Tensor): Tensors =>
    Object.fromEntries(Object.entries(optimizerSlots(optimizer)).map(([name, value]) => [name, tf.fill([...parameter.shape], value)]))
  let slots = parameters.map(filled)
  let state: ScheduleState = {}
  let step = 0
  const output = ([weight, bias]: Tensor[], x: Tensor): Tensor[] => (weight && bias ? [ops.biasAdd(ops.matMul(x, weight), bias)] : [])

  return run.epochs.map((_, index) => {
    const base = optimizer.learningRate
    const learningRate = scheduledRate(schedule, { epoch: index + 1, base, state })
    let gradients: Tensor[] = []
    for (let from = 0; from < rows; from += run.batchSize) {
      const size = Math.min(run.batchSize, rows - from)
      const [x, y] = [tf.slice(features, [from, 0], [size, inputs]), tf.slice(labels, [from, 0], [size, 1])]
      step += 1
      gradients = tf.grads((...given) => unwrap(trainingLoss(ops, loss, output(given, x), y)))(parameters.map(unwrap))
      const at = { step: tf.scalar(step), learningRate: tf.scalar(learningRate) }
      const updated = updateParameters(
        ops,
        optimizer,
        at,
        parameters.map((parameter, position) => ({ parameter, gradient: gradients[position] ?? parameter, slots: slots[position] ?? {} })),
      )
      parameters = updated.map(({ parameter }) => parameter)
      slots = updated.map((one) => one.slots)
    }
    const { total, divisor } = trainingLossTotals(ops, loss, output(parameters, features), labels)
    const epochLoss = (unwrap(total).dataSync()[0] ?? Number.NaN) / (typeof divisor === 'number' ? divisor : 1)
    state = scheduleStateAfter(schedule, { epoch: index + 1, base, state, loss: epochLoss })
    // A checkpoint keeps it as JSON.
    state = JSON.parse(JSON.stringify(state)) as ScheduleState
    return { loss: epochLoss, learningRate, gradients, parameters }
  })
}

describe('training by the catalog', async () => {
  await onEveryBackend((loaded) => {
    for (const run of linearRuns) {
      it(`training by the catalog runs ${run.name} as PyTorch does`, () => {
        const { tf } = loaded()
        tf.engine().startScope()
        const epochs = train(tf, run)
        for (const [index, expected] of run.epochs.entries()) {
          const epoch = epochs[index]
          assert.ok(epoch)
          const name = `${run.name} epoch ${index + 1}`
          assert.ok(Math.abs(epoch.learningRate - expected.learningRate) <= 1e-12, `${name}: rate ${epoch.learningRate}`)
          assertClose([epoch.loss], [expected.loss], 1e-4, `${name} loss`)
          for (const [position, key] of ['0.weight', '0.bias'].entries()) {
            const values = (tensor?: Tensor) => (tensor ? unwrap(tensor).dataSync() : [])
            assertClose(values(epoch.gradients[position]), expected.gradients[key]?.values ?? [], 1e-3, `${name} gradient of ${key}`)
            assertClose(values(epoch.parameters[position]), expected.weights[key]?.values ?? [], 1e-4, `${name} ${key}`)
          }
        }
        tf.engine().endScope()
      })
    }
  })
})
