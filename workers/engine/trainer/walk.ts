/**
 * What a trainer's operations come to, without their maths: which examples, which pass, which version. Walked over once to find all
 * that is wrong before anything is done, and again while it is done.
 */
import { trainerLimits } from '../../../src/api/trainer-limits.ts'
import type { OperationOf, TrainerOperation } from '../../../src/api/trainer-operations.schema.ts'
import type { ValidationError } from '../../../src/contracts/error-codes.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { BatchAddress, TrainerStanding } from '../../../src/contracts/trainer.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'
import type { Slices } from './evaluate-rows.ts'
import type { EvaluatedTable, EvaluatedTables } from './evaluated-tables.ts'
import { findBatch } from './find-batch.ts'
import { labelErrors } from './given-values.ts'
import { planWithLoss } from './other-loss.ts'
import { tensorErrors } from './tensor-errors.ts'
import {
  asInvalid,
  backwardErrors,
  clipErrors,
  conflict,
  evaluateErrors,
  findPass,
  invalid,
  loadErrors,
  outputsShape,
  passErrors,
  saveErrors,
  unknownNames,
  type WalkError,
} from './walk-errors.ts'

/** A pass in training mode: its masks are those of this update and number. In evaluation its number is 0. */
export type PassAddress = { version: number; pass: number; batch: BatchAddress }

/** Any operation but a loop. */
export type SingleOperation = Exclude<TrainerOperation, { type: 'repeat' }>

/** An operation with what it refers to. */
export type Resolved =
  | { type: 'batch'; batch: BatchAddress }
  | { type: 'forward'; mode: 'training' | 'evaluation'; at: PassAddress }
  | { type: 'forwardBackward'; perExample: boolean; plan: Plan; at: PassAddress }
  | { type: 'backward'; values: number[]; at: PassAddress }
  | { type: 'step'; learningRate: number; names: string[] | undefined; number: number }
  | { type: 'evaluate'; metrics: OperationOf<'evaluate'>['metrics']; rows: 'own' | 'none' | Slices }
  | Exclude<SingleOperation, { type: 'batch' | 'forward' | 'forwardBackward' | 'backward' | 'step' | 'evaluate' }>

/** What is trained; `saved` are the names of checkpoints with their steps. */
type Subject = {
  plan: Plan
  hasData: boolean
  saved: Readonly<Record<string, number>>
  /** What keeps the loss of a plan from taking the labels of the dataset. */
  datasetLabels: (plan: Plan) => ValidationError[]
  /** Datasets that evaluations name; null if nothing is evaluated, since the request was done before. */
  tables: EvaluatedTables | null
}

type Found = Resolved | WalkError[]
type Handlers = { [Type in SingleOperation['type']]: (operation: OperationOf<Type>) => Found }

/** Walks from `start`; `standing` is where the walk is. */
export const createWalk = ({ plan, hasData, saved, datasetLabels, tables }: Subject, start: TrainerStanding) => {
  let standing = start
  let current: BatchAddress | undefined
  const names = new Map(Object.entries(saved))

  const move = (changes: Partial<TrainerStanding>): void => {
    standing = { ...standing, ...changes }
  }
  /** The parameters change: passes before are forgotten. */
  const update = (changes: Partial<TrainerStanding> = {}): void =>
    move({ version: standing.version + 1, passes: 0, remembered: [], ...changes })

  /** A pass of the batch, or what keeps it from using that. */
  const pass = (rules: { isTraining: boolean; needsLabels: boolean }): PassAddress | WalkError[] => {
    if (!current) return invalid('/type', 'required', 'needs a batch: name one by a `batch` before it in the same request')
    const errors = passErrors(plan, current, rules)
    if (errors.length > 0) return errors
    if (rules.isTraining) move({ passes: standing.passes + 1 })
    return { version: standing.version, pass: rules.isTraining ? standing.passes : 0, batch: current }
  }

  /** Labels of a batch that another loss cannot take. */
  const labelMisfits = (measured: Plan, batch: BatchAddress): ValidationError[] => {
    if (batch.kind !== 'given') return datasetLabels(measured)
    const [first] = labelErrors(measured, batch.labels ?? [])
    return first ? [{ path: '/loss/type', code: 'range', message: `the batch's ${first.path.slice(1)} ${first.message}` }] : []
  }

  const tableOf = ({ dataset }: OperationOf<'evaluate'>): EvaluatedTable | undefined => dataset && tables?.get(dataset)

  /** What an operation comes to unless something is wrong with it. */
  const unless = (errors: WalkError[], resolve: () => Resolved): Found => (errors.length > 0 ? errors : resolve())

  const handlers: Handlers = {
    batch: (operation) => {
      const found = findBatch({ plan, hasData }, operation, standing.cursor)
      if ('errors' in found) return asInvalid(found.errors)
      current = found.batch
      if (current.kind === 'slice') move({ cursor: { size: current.size, epoch: current.epoch, index: current.index } })
      return { type: 'batch', batch: current }
    },
    forward: (operation) => {
      const isTraining = operation.mode === 'training'
      const at = pass({ isTraining, needsLabels: false })
      if (Array.isArray(at)) return at
      if (isTraining) move({ remembered: withPass(plan, standing.remembered, at) })
      return { ...operation, at }
    },
    forwardBackward: ({ type, perExample, loss }) => {
      const measured = loss ? planWithLoss(plan, loss) : plan
      if (Array.isArray(measured)) return asInvalid(measured)
      const at = pass({ isTraining: true, needsLabels: true })
      if (Array.isArray(at)) return at
      if (loss) {
        const errors = labelMisfits(measured, at.batch)
        if (errors.length > 0) return asInvalid(errors)
      }
      move({ hasGradients: true })
      return { type, perExample, plan: measured, at }
    },
    backward: (operation) =>
      unless(backwardErrors(plan, standing, current, operation), () => {
        const found = findPass(standing, operation.pass)
        if (!found) throw new Error('the pass was found before')
        move({ hasGradients: true })
        return { type: 'backward', values: operation.outputGradients.values, at: { version: standing.version, ...found } }
      }),
    zeroGradients: (operation) => {
      move({ hasGradients: false })
      return operation
    },
    gradients: (operation) => unless(unknownNames(plan, operation.names), () => operation),
    parameters: (operation) => unless(unknownNames(plan, operation.names), () => operation),
    clip: (operation) => unless(clipErrors(standing, operation), () => operation),
    step: ({ type, learningRate = plan.config.optimizer.learningRate, names: which }) => {
      const missing = standing.hasGradients
        ? []
        : conflict('/type', 'there are no gradients to step by: make a forwardBackward or a backward before')
      return unless([...unknownNames(plan, which), ...missing], () => {
        update({ steps: standing.steps + 1 })
        return { type, learningRate, names: which, number: standing.steps }
      })
    },
    update: (operation) =>
      unless(asInvalid(tensorErrors(plan, operation.deltas, 'deltas')), () => {
        update()
        return operation
      }),
    assign: (operation) =>
      unless(asInvalid(tensorErrors(plan, operation.values, 'values')), () => {
        update()
        return operation
      }),
    evaluate: (operation) => {
      const { type, metrics } = operation
      if (!tables) return { type, metrics, rows: 'none' }
      const table = tableOf(operation)
      return unless(evaluateErrors(plan, { hasData, table }, metrics), () => ({ type, metrics, rows: table?.slices ?? 'own' }))
    },
    save: (operation) =>
      unless(saveErrors(names, operation.name), () => {
        names.set(operation.name, standing.steps)
        return operation
      }),
    load: (operation) =>
      unless(loadErrors(names, operation.name), () => {
        update({ hasGradients: false, steps: names.get(operation.name) ?? 0 })
        return operation
      }),
  }

  /** The next operation, or what is wrong with it. */
  const next = (operation: SingleOperation): Found => handlers[operation.type](operation as never)

  return {
    next,
    /** Numbers that the answer of an operation has that was just walked over. */
    answered: (operation: SingleOperation): number => answeredNumbers(plan, current?.rows ?? 0, operation),
    /** Cells of another dataset that it reads. */
    read: (operation: SingleOperation): number => (operation.type === 'evaluate' ? (tableOf(operation)?.cells ?? 0) : 0),
    standing: () => standing,
  }
}
export type Walk = ReturnType<typeof createWalk>

/** What a walk gives again that found nothing wrong before. */
export const required = (found: ReturnType<Walk['next']>): Resolved => {
  if (Array.isArray(found)) throw new Error(`an operation that was found right is wrong: ${found[0]?.message}`)
  return found
}

/** The passes that are remembered with one more: the oldest are forgotten. */
const withPass = (
  { data }: Plan,
  remembered: TrainerStanding['remembered'],
  { pass, batch }: PassAddress,
): TrainerStanding['remembered'] => {
  const all = [...remembered, { pass, batch }].slice(-trainerLimits.passes)
  const perRow = sizeOf(data.inputShape)
  const values = all.map((one) => (one.batch.kind === 'given' ? one.batch.rows * perRow : 0))
  let total = values.reduce((sum, one) => sum + one, 0)
  let from = 0
  for (; from < all.length - 1 && total > trainerLimits.passValues; from += 1) total -= values[from] ?? 0
  return all.slice(from)
}

const answeredNumbers = (plan: Plan, rows: number, operation: SingleOperation): number => {
  const { parameters } = plan
  if (operation.type === 'forward' || (operation.type === 'forwardBackward' && operation.perExample))
    return sizeOf(outputsShape(plan, rows))
  if ((operation.type !== 'gradients' && operation.type !== 'parameters') || operation.reduce === 'norm') return 1
  const { names } = operation
  return parameters.reduce((sum, { name, shape }) => sum + (!names || names.includes(name) ? sizeOf(shape) : 0), 0)
}
