/** Puts a job into a folder that both sides read: plan, rows, initial weights and the order of every epoch. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createApiChecks } from '../src/api/checks.ts'
import { type JobConfig, JobConfigSchema } from '../src/api/job-config.schema.ts'
import type { Plan } from '../src/contracts/plan.ts'
import { makePlan } from '../src/features/jobs/plan/make-plan.ts'
import { createStream } from '../src/numerics/random.ts'
import { initialParameters } from '../workers/engine/step/initial-tensors.ts'
import type { BenchTable, Workload } from './workloads.ts'

const check = createApiChecks()(JobConfigSchema)

const planOf = ({ config }: Workload, { rows, inputs, inputShape = [] }: BenchTable): Plan => {
  const request = structuredClone({ dataset: { id: 'ds_bench' }, ...config }) as unknown as JobConfig
  const errors = check(request)
  const columns = [
    ...Array.from({ length: inputs }, (_, at) => ({ name: `x${at}`, role: 'feature' as const })),
    { name: 'y', role: 'label' as const },
  ]
  const made = makePlan(request, { rows, columns, inputShape })
  if (errors.length > 0 || 'errors' in made) throw new Error(JSON.stringify([errors, made]))
  return made.value
}

/** How one of our tensors becomes PyTorch's: reshaped, axes permuted, then reshaped to PyTorch's parameter. */
const layoutOf = ({ layers }: Plan, index: number, shape: readonly number[]): { shape: readonly number[]; axes: number[] | null } => {
  const before = layers[index - 1]
  // Rows of a dense layer after a flattened image: ours are in the order height, width, channels, PyTorch's begin with channels.
  if (before?.config.type === 'flatten' && shape.length === 2) return { shape: [...before.inputShape, shape[1] ?? 1], axes: [3, 2, 0, 1] }
  if (shape.length === 4) return { shape, axes: [3, 2, 0, 1] }
  return { shape, axes: shape.length === 2 ? [1, 0] : null }
}

const bytes = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength)

/** Writes the folder and gives the plan. */
export const prepare = (workload: Workload, folder: string): Plan => {
  const table = workload.table()
  const plan = planOf(workload, table)
  const { epochs, batchSize, seed } = plan.config.training
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'features.bin'), bytes(table.features))
  writeFileSync(path.join(folder, 'labels.bin'), bytes(table.labels))
  const orders = Array.from({ length: epochs }, (_, epoch) =>
    createStream({ seed, purpose: 'shuffle', index: epoch + 1 }).permutation(table.rows),
  )
  writeFileSync(path.join(folder, 'orders.bin'), Buffer.concat(orders.map(bytes)))
  writeFileSync(path.join(folder, 'plan.json'), JSON.stringify(plan))
  const job = {
    rows: table.rows,
    inputShape: plan.data.inputShape,
    batchSize,
    epochs,
    loss: plan.config.loss.type,
    learningRate: plan.config.optimizer.learningRate,
    layers: plan.layers.map(({ config, inputShape }) => ({ ...config, inputs: inputShape.at(-1) })),
    weights: initialParameters(plan).map(({ name, shape, values }) => ({
      values: Array.from(values),
      ...layoutOf(plan, Number(name.split('.')[1]), shape),
    })),
  }
  writeFileSync(path.join(folder, 'job.json'), JSON.stringify(job))
  return plan
}
