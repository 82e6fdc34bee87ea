/** What passes between a worker and the child that has its trainers open. */
import type { EngineDescription } from '../../src/contracts/engine.ts'
import type { ProblemCode, ValidationError } from '../../src/contracts/error-codes.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import type { EvaluatedDataset, SavedTrainer, TrainerState } from '../../src/contracts/trainer.ts'
import type { EvaluationPlan } from '../../src/features/trainers/evaluation-plan.ts'
import type { DataSource } from '../training/protocol.ts'

/** A request to a trainer: operations as JSON, and what was saved before. */
export type TrainerRequest = {
  id: string
  operations: string
  saved: Record<string, number>
  checkpoints: Record<string, SavedTrainer>
  /** Whether it was done before, and is done again for the state that it leads to: nothing is evaluated then. */
  isReplay: boolean
}

/** A dataset that evaluations name, or what keeps it from being evaluated, with paths below the operation. */
export type SentTable = { errors: ValidationError[] } | { plan: EvaluationPlan; source: DataSource }

/** What is wanted in the middle of a request: the datasets that it evaluates, or rows of one of them, the first ones or the next. */
export type TrainerWants = { tables: EvaluatedDataset[] } | { rowsOf: string; isFirst: boolean }

/** What was wanted: in the order of the datasets; packed rows, null after the last. */
export type TrainerGiven = { tables: SentTable[] } | { rows: Uint8Array | null }

/**
 * What came of it: results as JSON, and what must be kept with them; or why nothing was done. If operations `begun` before that,
 * the trainer is to be opened anew.
 */
export type TrainerOutcome =
  | {
      ok: true
      version: number
      results: string
      saved: Record<string, SavedTrainer>
      loaded: boolean
      ms: number
      engine: EngineDescription
    }
  | { ok: false; begun: boolean; problem: { code: ProblemCode; detail: string; errors: ValidationError[] } }

export type TrainerMethods = {
  /** Begins to open a trainer, which may have no dataset; its rows follow if they are wanted, then `open`. */
  begin: { argument: { id: string; plan: Plan; source: DataSource | null }; value: { wantsRows: boolean } }
  rows: { argument: { id: string; bytes: Uint8Array }; value: null }
  open: { argument: { id: string; state: TrainerState | null; engine: 'eager' | 'graph' | null }; value: { engine: EngineDescription } }
  /** Does a request; what it wants meanwhile is given with `give`, which answers in the same way. */
  run: { argument: TrainerRequest; value: TrainerOutcome | { wants: TrainerWants } }
  give: { argument: { id: string; given: TrainerGiven }; value: TrainerOutcome | { wants: TrainerWants } }
  exportState: { argument: string; value: TrainerState }
  close: { argument: string; value: null }
}
