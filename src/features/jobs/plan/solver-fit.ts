import { numericBounds, type StoredColumn } from '../../../api/column.schema.ts'
import type { JobConfig } from '../../../api/job-config.schema.ts'
import { penaltyOf, type SolvedFeature, solverErrors } from '../../../catalog/solvers.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { ColumnTransform, LayerPlan } from '../../../contracts/plan.ts'

/** What planning knows of the rows that are solved for. */
type SolvedRows = { trainingRows: number; features: readonly StoredColumn[]; transforms?: readonly ColumnTransform[] }

/** Why the job's solver, if it has one, has no answer to it. */
export const solverFit = (config: JobConfig, layers: readonly LayerPlan[], rows: SolvedRows): ValidationError[] =>
  config.solver
    ? solverErrors(config.solver, {
        loss: config.loss.type,
        layers,
        l1: config.regularization?.l1 ?? 0,
        penalty: penaltyOf(config),
        trainingRows: rows.trainingRows,
        features: rows.features.map((column, at) => solvedFeature(column, rows.transforms?.[at])),
      })
    : []

const solvedFeature = (column: StoredColumn, transform?: ColumnTransform): SolvedFeature => {
  const { min, max } = numericBounds(column)
  return { name: column.name, ...(min !== undefined && min === max && { constant: min }), transform: transform?.kind ?? 'keep' }
}
