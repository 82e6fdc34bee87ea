/** Training that is driven from outside, operation by operation: a model with its optimizer, gradients and running statistics. */
import { fromJsonNumber, toJsonNumber } from '../../../src/api/numbers.ts'
import type { OperationOf, TrainerOperation } from '../../../src/api/trainer-operations.schema.ts'
import type { LayerOps } from '../../../src/catalog/layers/layer-ops.ts'
import type { TrainingData } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { firstStanding, type SavedTrainer, type TrainerState } from '../../../src/contracts/trainer.ts'
import type { LoadedBackend } from '../backends/load-backend.ts'
import { UntraceableError } from '../graph/trace.ts'
import { checkOperations } from './check-operations.ts'
import { createCompiledSteps } from './compiled-steps.ts'
import type { EvaluatedTables } from './evaluated-tables.ts'
import { createModelState } from './model-state.ts'
import { createDatasetLabels } from './other-loss.ts'
import { createPasses } from './passes.ts'
import type { OperationResult } from './results.ts'
import type { SharedSessions } from './shared-sessions.ts'
import { createSingleOperations } from './single-operations.ts'
import { createTurn } from './turn.ts'
import { createWalk, required, type SingleOperation, type Walk } from './walk.ts'
import { type WholeStep, wholeStepAt } from './whole-step.ts'
import { createWholeSteps, isSingle } from './whole-steps.ts'

/** What a request gave: one result an operation; checkpoints that it saved; whether it went back to one. */
export type Performed = { version: number; results: OperationResult[]; saved: Record<string, SavedTrainer>; loaded: boolean }

export type TrainerParts = {
  loaded: LoadedBackend
  ops: LayerOps
  /** Compiled graphs, if whole steps are to be compiled. */
  sessions: SharedSessions | undefined
}

/** `data` is absent if the client gives all examples; `state` at the beginning. */
type Opening = { plan: Plan; data: TrainingData | undefined; state?: TrainerState }

/**
 * Checkpoints that were saved before: of all their steps, and those that the request goes back to. `tables`: the datasets that
 * evaluations name; null for a request that is done again, whose evaluations were answered.
 */
type Known = { saved: Record<string, number>; checkpoints: Record<string, SavedTrainer>; tables: EvaluatedTables | null }

/** Opens a trainer where it stands, or at the beginning: its parameters are those of a job with the same config and seed. */
export const openTrainer = ({ loaded, ops, sessions }: TrainerParts, { plan, data, state: start }: Opening) => {
  const { tf } = loaded
  const rows: TrainingData = data ?? {
    rows: 0,
    features: plan.data.featureColumns.map(() => new Float32Array()),
    labels: new Float32Array(),
  }
  const state = createModelState(tf, plan, rows, sessions, start?.tensors)
  const passes = createPasses(tf, ops, plan, rows, state)
  let isClosed = false
  const turn = createTurn(() => isClosed)
  const single = createSingleOperations({ tf, ops, plan, state, passes, turn })
  const compiled = createCompiledSteps(plan, state, passes.orderOf)
  const datasetLabels = createDatasetLabels(rows.labels)
  const wholeSteps = createWholeSteps({ plan, compiled, single })
  let standing = start?.standing ?? firstStanding
  let compiles = sessions !== undefined

  const compiledStepAt = (operations: readonly TrainerOperation[], at: number): WholeStep | undefined =>
    compiles ? wholeStepAt(operations, at) : undefined

  /** Does operations in order, whole steps on their graphs. */
  const performAll = async (
    walk: Walk,
    operations: readonly SingleOperation[],
    saved: Record<string, SavedTrainer>,
  ): Promise<OperationResult[]> => {
    const results: OperationResult[] = []
    for (let at = 0; at < operations.length; ) {
      const whole = compiledStepAt(operations, at)
      const operation = operations[at]
      if (whole) results.push(...wholeSteps.performStep(walk, operations.slice(at, at + whole.length), whole))
      else if (operation) {
        const resolved = required(walk.next(operation))
        results.push(await single.perform(resolved, walk.standing(), saved))
      }
      at += whole?.length ?? 1
      await turn.breathe()
    }
    return results
  }

  const repeat = async (
    walk: Walk,
    { times, operations }: OperationOf<'repeat'>,
    saved: Record<string, SavedTrainer>,
  ): Promise<OperationResult> => {
    const whole = compiledStepAt(operations, 0)
    // The last round is made by itself: its results are told.
    const rounds = whole?.length === operations.length ? times - 1 : 0
    const before = whole && rounds > 0 ? await wholeSteps.performRounds(walk, operations, { whole, rounds, turn }) : 0
    const losses = { total: before, count: rounds }
    let results: OperationResult[] = []
    for (let round = rounds; round < times; round += 1) {
      results = await performAll(walk, operations, saved)
      addLosses(losses, results)
    }
    const meanLoss = losses.count > 0 ? { meanLoss: toJsonNumber(losses.total / losses.count) } : {}
    return { type: 'repeat', times, version: walk.standing().version, ...meanLoss, results }
  }

  /** The mini-batch and the clipping of the first whole step of a request. */
  const firstWholeStep = async (walk: Walk, operations: readonly TrainerOperation[]) => {
    const lists = [operations, ...operations.flatMap((one) => (one.type === 'repeat' ? [one.operations] : []))]
    for (const list of lists) {
      const found = firstOf(list, wholeStepAt)
      const batch = found && required(walk.next(found.batch))
      if (found)
        return batch?.type === 'batch' && batch.batch.kind === 'slice' ? { slice: batch.batch, clipping: found.clipping } : undefined
      await turn.breathe()
    }
    return undefined
  }

  /** Whether the model can be compiled is found out before anything is done. */
  const compileFirst = async (walk: Walk, operations: readonly TrainerOperation[]): Promise<void> => {
    const first = compiles ? await firstWholeStep(walk, operations) : undefined
    if (!first) return
    try {
      compiled.open(first.slice, first.clipping)
    } catch (error) {
      if (!(error instanceof UntraceableError)) throw error
      compiles = false
    }
  }

  /**
   * Does the operations of a request: all of them, or none.
   * @throws Problem VALIDATION_FAILED, CONFLICT; what a table throws, and any other error: then the trainer must be opened again
   */
  const run = async (operations: readonly TrainerOperation[], { saved: known, checkpoints, tables }: Known): Promise<Performed> => {
    const subject = { plan, hasData: data !== undefined, saved: known, datasetLabels: datasetLabels(), tables }
    turn.begin()
    await checkOperations(createWalk(subject, standing), operations, turn)
    await compileFirst(createWalk(subject, standing), operations)
    const walk = createWalk(subject, standing)
    const kept: Record<string, SavedTrainer> = { ...checkpoints }
    const results: OperationResult[] = []
    let from = 0
    for (const [at, operation] of operations.entries()) {
      if (operation.type !== 'repeat') continue
      results.push(...(await performAll(walk, operations.slice(from, at).filter(isSingle), kept)), await repeat(walk, operation, kept))
      from = at + 1
    }
    results.push(...(await performAll(walk, operations.slice(from).filter(isSingle), kept)))
    standing = walk.standing()
    const savedNames = new Set(operations.flatMap((one) => (one.type === 'save' ? [one.name] : [])))
    const saved = Object.fromEntries(Object.entries(kept).filter(([name]) => savedNames.has(name)))
    return { version: standing.version, results, saved, loaded: operations.some(({ type }) => type === 'load') }
  }

  return {
    run,
    exportState: (): TrainerState => ({ standing, tensors: state.values() }),
    /** Whether whole steps are compiled. */
    isCompiled: (): boolean => compiles,
    close: (): void => {
      isClosed = true
      state.close()
    },
  }
}
export type Trainer = ReturnType<typeof openTrainer>

/** What is found first in a list, from its beginning on. */
const firstOf = <Item, Found>(list: readonly Item[], find: (list: readonly Item[], at: number) => Found | undefined): Found | undefined => {
  for (const at of list.keys()) {
    const found = find(list, at)
    if (found !== undefined) return found
  }
  return undefined
}

/** Counts the losses of all passes. */
const addLosses = (losses: { total: number; count: number }, results: readonly OperationResult[]): void => {
  for (const { type, loss } of results) {
    if (type !== 'forwardBackward' || loss === undefined) continue
    losses.total += fromJsonNumber(loss)
    losses.count += 1
  }
}
