import type { JobConfig } from '../../../api/job-config.schema.ts'
import { penaltyOf, type SolvedFeature, solverErrors } from '../../../catalog/solvers.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { ColumnTransform, LayerPlan } from '../../../contracts/plan.ts'
import type { PlannedColumn } from './planned-column.ts'

/** What planning knows of the rows that are solved for. */
type SolvedRows = { trainingRows: number; features: readonly PlannedColumn[]; transforms?: readonly ColumnTransform[] }

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

const solvedFeature = ({ name, min, max, missing }: PlannedColumn, transform?: ColumnTransform): SolvedFeature => ({
  name,
  // What fills a missing cell may be another value.
  ...(min !== undefined && min === max && missing === 0 && { constant: min }),
  transform: transform === undefined || transform.kind === 'keep' ? 'keep' : transform.kind === 'oneHot' ? 'oneHot' : 'scaled',
})
