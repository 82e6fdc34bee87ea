/**
 * What a trainer's operations come to, without their maths: which examples, which pass, which version. Walked over once to find all
 * that is wrong before anything is done, and again while it is done.
 */
import { type OperationOf, type TrainerOperation, trainerLimits } from '../../../src/api/trainer-operations.schema.ts'
import { layerDefinition } from '../../../src/catalog/layers/all-layers.ts'
import type { ProblemCode, ValidationError } from '../../../src/contracts/error-codes.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { BatchAddress, TrainerStanding } from '../../../src/contracts/trainer.ts'
import { describeShape, sizeOf } from '../../../src/numerics/shape.ts'
import { findBatch } from './find-batch.ts'
import { tensorErrors } from './tensor-errors.ts'

/** Something wrong with an operation; `path` begins behind the operation's own. */
export type WalkError = ValidationError & { problem: Extract<ProblemCode, 'VALIDATION_FAILED' | 'CONFLICT'> }

/** A pass in training mode: its masks are those of this update and number. */
export type PassAddress = { version: number; pass: number; batch: BatchAddress }

/** Any operation but a loop. */
export type SingleOperation = Exclude<TrainerOperation, { type: 'repeat' }>

/** An operation with what it refers to. */
export type Resolved =
  | { type: 'batch'; batch: BatchAddress }
  | { type: 'forward'; mode: 'training' | 'evaluation'; at: PassAddress }
  | { type: 'forwardBackward'; perExample: boolean; at: PassAddress }
  | { type: 'backward'; values: number[]; at: PassAddress }
  | { type: 'step'; learningRate: number; names: string[] | undefined; number: number }
  | Extract<TrainerOperation, { type: 'zeroGradients' | 'gradients' | 'parameters' | 'clip' | 'update' | 'assign' | 'evaluate' | 'save' | 'load' }>

/** Values of all layers for the rows of a batch that one pass may come to: 256 MiB. */
const maxPassValues = 2 ** 26

/** What is trained; `saved` are the names of checkpoints with their steps. */
type Subject = { plan: Plan; hasData: boolean; saved: Readonly<Record<string, number>> }

/** Walks from `start`; `standing` is where the walk is. */
export const createWalk = ({ plan, hasData, saved }: Subject, start: TrainerStanding) => {
  let standing = start
  let current: BatchAddress | undefined
  const names = new Map(Object.entries(saved))
  const valuesPerRow = plan.layers.reduce((sum, { outputShape }) => sum + sizeOf(outputShape), sizeOf(plan.data.inputShape))
  const outputSize = sizeOf(plan.outputShape)

  const invalid = (path: string, code: string, message: string): WalkError[] => [{ path, code, message, problem: 'VALIDATION_FAILED' }]
  const conflict = (path: string, message: string): WalkError[] => [{ path, code: 'conflict', message, problem: 'CONFLICT' }]

  const updated = (changes: Partial<TrainerStanding> = {}): void => {
    standing = { ...standing, version: standing.version + 1, passes: 0, remembered: [], ...changes }
  }

  /** What keeps a pass from using a batch. */
  const passErrors = (batch: BatchAddress | undefined, isTraining: boolean, needsLabels: boolean): WalkError[] => {
    if (!batch) return invalid('/type', 'required', 'needs a batch: name one by a `batch` before it in the same request')
    if (needsLabels && batch.kind === 'given' && !batch.labels) return invalid('/type', 'required', 'needs labels, which the batch lacks')
    if (batch.rows * valuesPerRow > maxPassValues)
      return invalid('/type', 'too_large', `the batch has ${batch.rows} rows; with this model at most ${Math.floor(maxPassValues / valuesPerRow)} are taken at a time`)
    for (const { index, config, inputShape } of isTraining ? plan.layers : []) {
      const needed = layerDefinition(config).minRows?.(inputShape)
      if (needed && batch.rows < needed.rows)
        return invalid('/type', 'range', `layer ${index} (${config.type}) needs ${needed.because}, so at least ${needed.rows} rows; the batch has ${batch.rows}`)
    }
    return []
  }

  const trainingPass = (batch: BatchAddress): PassAddress => {
    standing = { ...standing, passes: standing.passes + 1 }
    return { version: standing.version, pass: standing.passes, batch }
  }

  const remember = ({ pass, batch }: PassAddress): void => {
    const all = [...standing.remembered, { pass, batch }].slice(-trainerLimits.passes)
    const values = ({ batch: { kind, rows } }: { batch: BatchAddress }): number => (kind === 'given' ? rows * sizeOf(plan.data.inputShape) : 0)
    while (all.length > 1 && all.reduce((sum, one) => sum + values(one), 0) > trainerLimits.passValues) all.shift()
    standing = { ...standing, remembered: all }
  }

  const backward = ({ outputGradients, ifVersion, pass }: OperationOf<'backward'>): Resolved | WalkError[] => {
    if (ifVersion !== standing.version)
      return conflict('/ifVersion', `the trainer is at version ${standing.version}: gradients by outputs of version ${ifVersion} no longer fit`)
    const found = pass === undefined ? standing.remembered.at(-1) : standing.remembered.find((one) => one.pass === pass)
    if (!found) {
      const known = standing.remembered.map((one) => one.pass).join(', ')
      return conflict(pass === undefined ? '/type' : '/pass', known ? `there is no such forward in training mode since the last update; there are ${known}` : 'there was no forward in training mode since the last update')
    }
    if (current && JSON.stringify(current) !== JSON.stringify(found.batch)) return conflict('/type', `the batch is not that of pass ${found.pass}`)
    const shape = [found.batch.rows, ...plan.outputShape]
    const given = outputGradients
    if (JSON.stringify(given.shape) !== JSON.stringify(shape))
      return invalid('/outputGradients/shape', 'shape_mismatch', `must be ${describeShape(shape)}, the shape of the outputs; is ${describeShape(given.shape)}`)
    if (given.values.length !== sizeOf(shape))
      return invalid('/outputGradients/values', 'shape_mismatch', `has ${given.values.length} values; the shape takes ${sizeOf(shape)}`)
    standing = { ...standing, hasGradients: true }
    return { type: 'backward', values: given.values, at: { version: standing.version, pass: found.pass, batch: found.batch } }
  }

  const step = ({ learningRate = plan.config.optimizer.learningRate, names: which }: OperationOf<'step'>): Resolved | WalkError[] => {
    const errors = unknownNames(plan, which)
    if (errors.length > 0) return errors
    if (!standing.hasGradients) return conflict('/type', 'there are no gradients to step by: make a forwardBackward or a backward before')
    updated({ steps: standing.steps + 1 })
    return { type: 'step', learningRate, names: which, number: standing.steps }
  }

  /** The next operation, or what is wrong with it. */
  const next = (operation: SingleOperation): Resolved | WalkError[] => {
    switch (operation.type) {
      case 'batch': {
        const found = findBatch({ plan, hasData }, operation, standing.cursor)
        if ('errors' in found) return found.errors.map((error) => ({ ...error, problem: 'VALIDATION_FAILED' as const }))
        current = found.batch
        if (found.batch.kind === 'slice') {
          const { size, epoch, index } = found.batch
          standing = { ...standing, cursor: { size, epoch, index } }
        }
        return { type: 'batch', batch: found.batch }
      }
      case 'forward': {
        const errors = passErrors(current, operation.mode === 'training', false)
        if (errors.length > 0 || !current) return errors
        if (operation.mode === 'evaluation') return { ...operation, at: { version: standing.version, pass: 0, batch: current } }
        const at = trainingPass(current)
        remember(at)
        return { ...operation, at }
      }
      case 'forwardBackward': {
        const errors = passErrors(current, true, true)
        if (errors.length > 0 || !current) return errors
        standing = { ...standing, hasGradients: true }
        return { type: 'forwardBackward', perExample: operation.perExample, at: trainingPass(current) }
      }
      case 'backward':
        return backward(operation)
      case 'zeroGradients':
        standing = { ...standing, hasGradients: false }
        return operation
      case 'gradients':
      case 'parameters': {
        const errors = unknownNames(plan, operation.names)
        return errors.length > 0 ? errors : operation
      }
      case 'clip':
        if ((operation.norm === undefined) === (operation.value === undefined)) return invalid('/type', 'conflict', 'takes `norm` or `value`, one of both')
        if (!standing.hasGradients) return conflict('/type', 'there are no gradients to clip: make a forwardBackward or a backward before')
        return operation
      case 'step':
        return step(operation)
      case 'update':
      case 'assign': {
        const errors = operation.type === 'update' ? tensorErrors(plan, operation.deltas, 'deltas') : tensorErrors(plan, operation.values, 'values')
        if (errors.length > 0) return errors.map((error) => ({ ...error, problem: 'VALIDATION_FAILED' as const }))
        updated()
        return operation
      }
      case 'evaluate':
        return hasData ? operation : invalid('/type', 'conflict', 'needs a dataset, which this trainer has not')
      case 'save':
        if (!names.has(operation.name) && names.size >= trainerLimits.checkpoints)
          return conflict('/name', `${trainerLimits.checkpoints} checkpoints are kept already, as many as there may be`)
        names.set(operation.name, standing.steps)
        return operation
      case 'load':
        if (!names.has(operation.name))
          return invalid('/name', 'not_found', `nothing was saved under this name${names.size > 0 ? `; there are ${[...names.keys()].slice(0, 20).join(', ')}` : ''}`)
        updated({ hasGradients: false, steps: names.get(operation.name) })
        return operation
    }
  }

  /** Numbers that an operation's answer has. */
  const answered = (operation: TrainerOperation): number => {
    if (operation.type === 'forward') return (current?.rows ?? 0) * outputSize
    if (operation.type === 'forwardBackward') return operation.perExample ? (current?.rows ?? 0) * outputSize : 1
    if (operation.type !== 'gradients' && operation.type !== 'parameters') return 1
    const which = new Set(operation.names ?? plan.parameters.map(({ name }) => name))
    if (operation.reduce === 'norm') return which.size
    return plan.parameters.reduce((sum, { name, shape }) => sum + (which.has(name) ? sizeOf(shape) : 0), 0)
  }

  return { next, answered, standing: () => standing }
}
export type Walk = ReturnType<typeof createWalk>

/** What a walk gives again that found nothing wrong before. */
export const required = (found: ReturnType<Walk['next']>): Resolved => {
  if (Array.isArray(found)) throw new Error(`an operation that was found right is wrong: ${found[0]?.message}`)
  return found
}

const unknownNames = (plan: Plan, names: readonly string[] | undefined): WalkError[] => {
  const known = new Set(plan.parameters.map(({ name }) => name))
  return (names ?? []).flatMap((name, at): WalkError[] =>
    known.has(name)
      ? []
      : [
          {
            path: `/names/${at}`,
            code: 'not_found',
            message: `is no parameter of the model; the first are ${[...known].slice(0, 10).join(', ')}`,
            value: name,
            problem: 'VALIDATION_FAILED',
          },
        ],
  )
}

