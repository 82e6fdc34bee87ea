/** Other datasets than the trainer's own, as evaluations of a request name them. */
import type { TrainerOperation } from '../../../src/api/trainer-operations.schema.ts'
import type { ValidationError } from '../../../src/contracts/error-codes.ts'
import type { EvaluatedDataset } from '../../../src/contracts/trainer.ts'
import type { Slices } from './evaluate-rows.ts'

/** What keeps a dataset from being evaluated, with paths below the operation; how many cells it has, and its rows. */
export type EvaluatedTable = { errors: readonly ValidationError[]; cells: number; slices: Slices }

/** By the operation's own `dataset`. */
export type EvaluatedTables = ReadonlyMap<EvaluatedDataset, EvaluatedTable>

/** Where a request names a dataset first; every operation's `dataset` stands for one of these. */
export type NamedDataset = { dataset: EvaluatedDataset; path: string; namedBy: EvaluatedDataset[] }

/** The different datasets that the evaluations of a request name. */
export const namedDatasets = (operations: readonly TrainerOperation[]): NamedDataset[] => {
  const found = new Map<string, NamedDataset>()
  const look = (list: readonly TrainerOperation[], at: string): void => {
    for (const [index, operation] of list.entries()) {
      if (operation.type === 'repeat') look(operation.operations, `${at}/${index}/operations`)
      if (operation.type !== 'evaluate' || !operation.dataset) continue
      const key = JSON.stringify(operation.dataset)
      const known = found.get(key) ?? { dataset: operation.dataset, path: `${at}/${index}/dataset`, namedBy: [] }
      known.namedBy.push(operation.dataset)
      found.set(key, known)
    }
  }
  look(operations, '/operations')
  return [...found.values()]
}
