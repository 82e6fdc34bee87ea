/** What passes between a worker and the child that has its trainers open. */
import type { EngineDescription } from '../../src/contracts/engine.ts'
import type { ProblemCode, ValidationError } from '../../src/contracts/error-codes.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import type { SavedTrainer, TrainerState } from '../../src/contracts/trainer.ts'
import type { DataSource } from '../training/protocol.ts'

/** A request to a trainer: operations as JSON, and what was saved before. */
export type TrainerRequest = {
  id: string
  operations: string
  saved: Record<string, number>
  checkpoints: Record<string, SavedTrainer>
}

/** What came of it: results as JSON, and what must be kept with them; or why nothing was done. */
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
  | { ok: false; problem: { code: ProblemCode; detail: string; errors: ValidationError[] } }

export type TrainerMethods = {
  /** Begins to open a trainer, which may have no dataset; its rows follow if they are wanted, then `open`. */
  begin: { argument: { id: string; plan: Plan; source: DataSource | null }; value: { wantsRows: boolean } }
  rows: { argument: { id: string; bytes: Uint8Array }; value: null }
  open: { argument: { id: string; state: TrainerState | null; engine: 'eager' | 'graph' | null }; value: { engine: EngineDescription } }
  run: { argument: TrainerRequest; value: TrainerOutcome }
  exportState: { argument: string; value: TrainerState }
  close: { argument: string; value: null }
}
