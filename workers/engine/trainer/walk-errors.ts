/** What is wrong with an operation where a walk stands. */
import { trainerLimits } from '../../../src/api/trainer-limits.ts'
import type { OperationOf } from '../../../src/api/trainer-operations.schema.ts'
import { layerDefinition } from '../../../src/catalog/layers/all-layers.ts'
import { metricMisfit } from '../../../src/catalog/metrics.ts'
import type { ProblemCode, ValidationError } from '../../../src/contracts/error-codes.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { BatchAddress, TrainerStanding } from '../../../src/contracts/trainer.ts'
import { describeShape, sizeOf } from '../../../src/numerics/shape.ts'
import type { EvaluatedTable } from './evaluated-tables.ts'

/** Something wrong with an operation; `path` begins behind the operation's own. */
export type WalkError = ValidationError & { problem: Extract<ProblemCode, 'VALIDATION_FAILED' | 'CONFLICT'> }

/** Values of all layers for the rows of a batch that one pass may come to: 256 MiB. */
const maxPassValues = 2 ** 26

export const asInvalid = (errors: readonly ValidationError[]): WalkError[] =>
  errors.map((error) => ({ ...error, problem: 'VALIDATION_FAILED' }))

export const invalid = (path: string, code: string, message: string): WalkError[] => asInvalid([{ path, code, message }])

export const conflict = (path: string, message: string): WalkError[] => [{ path, code: 'conflict', message, problem: 'CONFLICT' }]

/** What keeps a pass from using a batch. */
export const passErrors = (
  plan: Plan,
  batch: BatchAddress,
  { isTraining, needsLabels }: { isTraining: boolean; needsLabels: boolean },
): WalkError[] => {
  if (needsLabels && batch.kind === 'given' && !batch.labels) return invalid('/type', 'required', 'needs labels, which the batch lacks')
  const groups = plan.data.featureColumns.length
  const perRow = groups * plan.layers.reduce((sum, { outputShape }) => sum + sizeOf(outputShape), sizeOf(plan.data.inputShape))
  if (batch.rows * perRow > maxPassValues) {
    const most = Math.floor(maxPassValues / perRow)
    return invalid('/type', 'too_large', `the batch has ${batch.rows} rows; with this model at most ${most} are taken at a time`)
  }
  return isTraining ? tooFewRows(plan, batch.rows) : []
}

/** A forward that `backward` names, if the trainer remembers it. */
export const findPass = ({ remembered }: TrainerStanding, pass: number | undefined): TrainerStanding['remembered'][number] | undefined =>
  pass === undefined ? remembered.at(-1) : remembered.find((one) => one.pass === pass)

/** What keeps gradients by outputs from being carried back; `current` is the batch that the request named. */
export const backwardErrors = (
  plan: Plan,
  standing: TrainerStanding,
  current: BatchAddress | undefined,
  { outputGradients: { shape, values }, ifVersion, pass }: OperationOf<'backward'>,
): WalkError[] => {
  const { version, remembered } = standing
  if (ifVersion !== version)
    return conflict('/ifVersion', `the trainer is at version ${version}: gradients by outputs of version ${ifVersion} no longer fit`)
  const found = findPass(standing, pass)
  if (!found) {
    const known = remembered.map((one) => one.pass).join(', ')
    const message = `there is no ${known ? 'such ' : ''}forward in training mode since the last update${known ? `; there are ${known}` : ''}`
    return conflict(pass === undefined ? '/type' : '/pass', message)
  }
  if (current && JSON.stringify(current) !== JSON.stringify(found.batch))
    return conflict('/type', `the batch is not that of pass ${found.pass}`)
  const expected = outputsShape(plan, found.batch.rows)
  const path = '/outputGradients'
  if (JSON.stringify(shape) !== JSON.stringify(expected))
    return invalid(
      `${path}/shape`,
      'shape_mismatch',
      `must be ${describeShape(expected)}, the shape of the outputs; is ${describeShape(shape)}`,
    )
  if (values.length !== sizeOf(expected))
    return invalid(`${path}/values`, 'shape_mismatch', `has ${values.length} values; the shape takes ${sizeOf(expected)}`)
  return []
}

/** The shape of what a forward gives: of two inputs, which a loss compares, the outputs of both one after the other. */
export const outputsShape = ({ data, outputShape }: Plan, rows: number): number[] => {
  const groups = data.featureColumns.length
  return [...(groups > 1 ? [groups] : []), rows, ...outputShape]
}

export const clipErrors = ({ hasGradients }: TrainerStanding, { norm, value }: OperationOf<'clip'>): WalkError[] => {
  if ((norm === undefined) === (value === undefined)) return invalid('/type', 'conflict', 'takes `norm` or `value`, one of both')
  return hasGradients ? [] : conflict('/type', 'there are no gradients to clip: make a forwardBackward or a backward before')
}

/** `table`: the dataset that the evaluation names. */
export const evaluateErrors = (
  { config: { loss } }: Plan,
  { hasData, table }: { hasData: boolean; table: EvaluatedTable | undefined },
  metrics: OperationOf<'evaluate'>['metrics'],
): WalkError[] => {
  if (table && table.errors.length > 0) return asInvalid(table.errors)
  if (!table && !hasData) return invalid('/type', 'conflict', 'needs a dataset, which this trainer has not: name one')
  return metrics.flatMap((metric, at) => {
    const needed = metricMisfit(metric, loss.type)
    return needed ? invalid(`/metrics/${at}`, 'range', `${metric} needs ${needed}`) : []
  })
}

export const saveErrors = (names: ReadonlyMap<string, number>, name: string): WalkError[] =>
  names.has(name) || names.size < trainerLimits.checkpoints
    ? []
    : conflict('/name', `${trainerLimits.checkpoints} checkpoints are kept already, as many as there may be`)

export const loadErrors = (names: ReadonlyMap<string, number>, name: string): WalkError[] => {
  if (names.has(name)) return []
  const known = names.size > 0 ? `; there are ${[...names.keys()].slice(0, 20).join(', ')}` : ''
  return invalid('/name', 'not_found', `nothing was saved under this name${known}`)
}

/** Names that no parameter has. */
export const unknownNames = ({ parameters }: Plan, names: readonly string[] = []): WalkError[] => {
  const known = parameters.map(({ name }) => name)
  const message = `is no parameter of the model; the first are ${known.slice(0, 10).join(', ')}`
  return names.flatMap((name, at) =>
    known.includes(name) ? [] : asInvalid([{ path: `/names/${at}`, code: 'not_found', message, value: name }]),
  )
}

const tooFewRows = ({ layers }: Plan, rows: number): WalkError[] => {
  for (const { index, config, inputShape } of layers) {
    const needed = layerDefinition(config).minRows?.(inputShape)
    if (!needed || rows >= needed.rows) continue
    const message = `layer ${index} (${config.type}) needs ${needed.because}, so at least ${needed.rows} rows; the batch has ${rows}`
    return invalid('/type', 'range', message)
  }
  return []
}
