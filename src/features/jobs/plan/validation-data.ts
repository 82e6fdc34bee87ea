/** A second dataset whose rows are held back: its columns, found by the names of those that the job trains on. */
import { listedFaults } from '../../../contracts/faults.ts'
import type { JobConfig } from '../../../contracts/job-config.ts'
import type { ColumnTransform, DataPlan } from '../../../contracts/plan.ts'
import type { Fault } from '../../../contracts/problems.ts'
import { type ChosenColumns, dependableColumns, type PlannedDataset, placesOf } from './columns.ts'
import { indexFaults } from './index-inputs.ts'
import { fitLoss } from './loss-fit.ts'

const path = '/training/validationDataset/id'

/** The same columns in the other dataset, or those that it lacks. */
const findColumns = (chosen: ChosenColumns, training: PlannedDataset, given: PlannedDataset): { found: ChosenColumns; faults: Fault[] } => {
  const faults: Fault[] = []
  const places = placesOf(given.columns)
  const known = given.columns
    .slice(0, 50)
    .map(({ name }) => name)
    .join(', ')
  const find = (positions: readonly number[]): number[] =>
    positions.flatMap((position) => {
      const name = training.columns[position]?.name ?? ''
      const at = places.get(name)
      if (at !== undefined) return [at]
      if (faults.length >= listedFaults) return []
      const message = `has no column "${name}", which the job trains on; it has ${known}`
      faults.push({ path, code: 'unknown_column', message, column: name })
      return []
    })
  const found = { featureColumns: chosen.featureColumns.map(find), labelColumns: find(chosen.labelColumns) }
  const [wanted, got] = [training.inputShape.join(', '), given.inputShape.join(', ')]
  if (wanted && got && wanted !== got)
    faults.push({
      path,
      code: 'shape_mismatch',
      message: `its examples have shape [${got}]; the job trains on examples of shape [${wanted}]`,
    })
  return { found, faults }
}

/** What is known of the data that the job trains on; `fits` where nothing is wrong with it. */
type Trained = {
  chosen: ChosenColumns
  dataset: PlannedDataset
  outputShape: readonly number[]
  transforms: ColumnTransform[][] | undefined
  fits: boolean
}

/**
 * The columns of the second dataset, or what does not fit: columns that it lacks, and values that the model or the loss
 * cannot take. The latter are looked for only where the training data itself fits, or each would be said twice.
 */
export const planValidation = (
  config: JobConfig,
  { chosen, dataset, outputShape, transforms, fits }: Trained,
  given: PlannedDataset,
): { validation?: NonNullable<DataPlan['validation']>; faults: Fault[] } => {
  const second = { ...given, columns: dependableColumns(given) }
  const { found, faults } = findColumns(chosen, dataset, second)
  if (faults.length > 0) return { faults }
  const labels = found.labelColumns.flatMap((position) => second.columns[position] ?? [])
  const fit = fitLoss(config.loss, { outputShape, labels, groups: found.featureColumns.length })
  const misfits = fits ? [...indexFaults(config, found, second.columns, transforms), ...fit.faults] : []
  return { validation: { ...found, rows: given.rows }, faults: misfits.map((fault) => ({ ...fault, path })) }
}
