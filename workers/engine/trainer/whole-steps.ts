/** Whole steps of a job among the operations of a trainer, made on compiled graphs. */
import { toJsonNumber } from '../../../src/api/numbers.ts'
import type { TrainerOperation } from '../../../src/api/trainer-operations.schema.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { CompiledStepRunner, Slice } from './compiled-steps.ts'
import { distance, normOfAll, type OperationResult, toldTensors } from './results.ts'
import type { SingleOperations } from './single-operations.ts'
import { type Turn, turnMs } from './turn.ts'
import { required, type SingleOperation, type Walk } from './walk.ts'
import type { WholeStep } from './whole-step.ts'

/** Steps of the first compiled call of many, and of the largest. */
const fewAtOnce = 16
const manyAtOnce = 4096

type Parts = { plan: Plan; compiled: CompiledStepRunner; single: SingleOperations }

export const createWholeSteps = ({ plan, compiled, single }: Parts) => {
  /** Walks over the operations of a whole step: its mini-batch, and where its counts begin. */
  const resolve = (walk: Walk, operations: readonly SingleOperation[]) => {
    const { steps, version, passes } = walk.standing()
    let slice: Slice | undefined
    let { learningRate } = plan.config.optimizer
    for (const operation of operations) {
      const found = required(walk.next(operation))
      if (found.type === 'batch' && found.batch.kind === 'slice') slice = found.batch
      if (found.type === 'step') learningRate = found.learningRate
    }
    if (!slice) throw new Error('a whole step has a mini-batch of an epoch')
    return { slice, learningRate, first: { step: steps + 1, version, pass: passes + 1 } }
  }

  /** Makes a whole step, and answers for each of its operations. */
  const performStep = (walk: Walk, operations: readonly SingleOperation[], { clipping }: WholeStep): OperationResult[] => {
    const { slice, learningRate, first } = resolve(walk, operations)
    const { values } = compiled.open(slice, clipping)
    const before = single.parameters()
    const loss = toJsonNumber(compiled.run({ slices: [slice], clipping, learningRate, first }, 0))
    const norm = clipping ? toJsonNumber(values.readNorm()) : 0
    const gradients = single.gradients()
    const { version, pass } = first
    return operations.map((operation): OperationResult => {
      const { type } = operation
      if (operation.type === 'batch') return { type, rows: slice.rows, epoch: slice.epoch, index: slice.index }
      if (operation.type === 'forwardBackward') return { type, loss, version, pass }
      if (operation.type === 'gradients') return { type, gradients: toldTensors(gradients, operation), version }
      if (operation.type === 'clip') return { type, norm }
      if (operation.type !== 'step') return { type }
      return {
        type,
        version: walk.standing().version,
        updateNorm: distance(before, single.parameters()),
        gradientNorm: normOfAll(gradients),
      }
    })
  }

  type Resolved = ReturnType<typeof resolve>

  /** Gives whole steps one after the other, without making them; `peek` gives the next, which stays the next. */
  const walkSteps = (walk: Walk, operations: readonly SingleOperation[], rounds: number) => {
    let left = rounds
    let ahead: Resolved | undefined
    const peek = (): Resolved | undefined => {
      if (!ahead && left > 0) {
        ahead = resolve(walk, operations)
        left -= 1
      }
      return ahead
    }
    const take = (): void => {
      ahead = undefined
    }
    return { peek, take }
  }

  /** Makes `rounds` whole steps in as few calls as there may be; gives the sum of their losses. */
  const performRounds = async (
    walk: Walk,
    operations: readonly SingleOperation[],
    { whole: { clipping }, rounds, turn }: { whole: WholeStep; rounds: number; turn: Pick<Turn, 'breathe'> },
  ): Promise<number> => {
    const steps = walkSteps(walk, operations, rounds)
    let lossTotal = 0
    let most = fewAtOnce
    for (let head = steps.peek(); head; head = steps.peek()) {
      const slices: Slice[] = []
      const { slice, first } = head
      const limit = first.pass === 1 ? Math.min(most, compiled.maxAtOnce(slice)) : 1
      // Masks of one call are those of consecutive updates, each of its first pass.
      for (let next: Resolved | undefined = head; next?.slice.rows === slice.rows && slices.length < limit; next = steps.peek()) {
        slices.push(next.slice)
        steps.take()
      }
      const began = performance.now()
      lossTotal = compiled.run({ ...head, slices, clipping }, lossTotal)
      if (performance.now() - began < turnMs / 2) most = Math.min(2 * most, manyAtOnce)
      await turn.breathe()
    }
    return lossTotal
  }

  return { performStep, performRounds }
}

/** Whether an operation is no loop. */
export const isSingle = (operation: TrainerOperation): operation is SingleOperation => operation.type !== 'repeat'
