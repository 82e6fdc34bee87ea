/** Training runs that PyTorch computed, as plans and data for an engine. */
import { readFileSync } from 'node:fs'
import type { TrainingData } from '../../src/contracts/engine.ts'
import { type JobConfig, JobConfigSchema } from '../../src/contracts/job-config.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { createChecks } from '../../src/contracts/validate.ts'
import { makePlan } from '../../src/features/jobs/job.plan.ts'

type Values = { shape: number[]; values: number[] }

type ReferenceRun = {
  name: string
  layers: object[]
  loss: object
  optimizer: object
  schedule: object | null
  gradientClipping: object | null
  batchSize: number
  features: Values
  featureAxes?: number[]
  inputShape?: number[]
  labels: Values
  parameters: Record<string, { name: string; shape: number[]; axes?: number[]; reshape?: number[] }>
  initialWeights: Record<string, Values>
  epochs: { epoch: number; loss: number; gradients: Record<string, Values>; weights: Record<string, Values> }[]
}

/** What PyTorch got, in this service's names and layouts. */
export type ExpectedEpoch = { loss: number; gradients: Map<string, number[]>; weights: Map<string, number[]> }

export type TrainingCase = { name: string; plan: Plan; data: TrainingData; expected: ExpectedEpoch[] }

const product = (sizes: readonly number[]): number => sizes.reduce((total, size) => total * size, 1)

const permute = ({ shape, values }: Values, axes: readonly number[]): Values => {
  const strides = shape.map((_, axis) => product(shape.slice(axis + 1)))
  const result: number[] = []
  const walk = (depth: number, at: number): void => {
    const axis = axes[depth]
    if (axis === undefined) result.push(values[at] as number)
    else for (let index = 0; index < (shape[axis] as number); index += 1) walk(depth + 1, at + index * (strides[axis] as number))
  }
  walk(0, 0)
  return { shape: axes.map((axis) => shape[axis] as number), values: result }
}

const check = createChecks()(JobConfigSchema)

/** A plan for a config without its dataset, on a table of so many rows. */
export const planFor = (config: object, table: { rows: number; features: number; labels: number; inputShape?: number[] }): Plan => {
  const request = { dataset: { id: 'ds_1' }, ...structuredClone(config) } as JobConfig
  const faults = check(request)
  if (faults.length > 0) throw new Error(JSON.stringify(faults))
  request.training.seed ??= 1
  const columns = (role: 'feature' | 'label', count: number) =>
    Array.from({ length: count }, (_, position) => ({ name: `${role}${position}`, role }))
  const described = {
    columns: [...columns('feature', table.features), ...columns('label', table.labels)],
    rows: table.rows,
    inputShape: table.inputShape ?? [],
  }
  const planned = makePlan(request, described)
  if ('faults' in planned) throw new Error(JSON.stringify(planned.faults))
  return planned.plan
}

const toCase = (run: ReferenceRun): TrainingCase => {
  const features = run.featureAxes ? permute(run.features, run.featureAxes) : run.features
  const rows = features.shape[0] as number
  const own = (key: string, tensor: Values): Values => {
    const parameter = run.parameters[key]
    if (!parameter) throw new Error(`${run.name} has no parameter ${key}`)
    const reshaped = parameter.reshape ? { shape: parameter.reshape, values: tensor.values } : tensor
    return { shape: parameter.shape, values: (parameter.axes ? permute(reshaped, parameter.axes) : reshaped).values }
  }
  const named = (tensors: Record<string, Values>): [string, Values][] =>
    Object.entries(tensors).map(([key, tensor]) => [run.parameters[key]?.name ?? '', own(key, tensor)])
  const valuesOf = (tensors: Record<string, Values>) => new Map(named(tensors).map(([name, { values }]) => [name, values]))
  const config = {
    model: { layers: run.layers, initialWeights: Object.fromEntries(named(run.initialWeights)) },
    loss: run.loss,
    optimizer: run.optimizer,
    ...(run.schedule && { schedule: run.schedule }),
    ...(run.gradientClipping && { gradientClipping: run.gradientClipping }),
    training: { epochs: run.epochs.length, batchSize: run.batchSize, shuffle: false },
    record: { gradients: 'full', weights: 'everyEpoch' },
  }
  const plan = planFor(config, {
    rows,
    features: product(features.shape.slice(1)),
    labels: product(run.labels.shape.slice(1)),
    ...(run.inputShape && { inputShape: run.inputShape }),
  })
  return {
    name: run.name,
    plan,
    data: { rows, features: [Float32Array.from(features.values)], labels: Float32Array.from(run.labels.values) },
    expected: run.epochs.map(({ loss, gradients, weights }) => ({ loss, gradients: valuesOf(gradients), weights: valuesOf(weights) })),
  }
}

/** All runs that PyTorch computed. */
export const trainingCases = (): TrainingCase[] => {
  const file = new URL('../fixtures/reference/training.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { runs: ReferenceRun[] }).runs.map(toCase)
}
