/** The data of a job before its model: columns, rows, and the same of a second dataset if the rows held back are one of their own. */
import type { JobConfig } from '../../../api/job-config.schema.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { RowCounts, RowRule } from '../../../contracts/plan.ts'
import { type ChosenColumns, chooseColumns } from './columns.ts'
import { type PlannedColumn, type PlannedDataset, plannedInSteps } from './planned-column.ts'
import { countsByStatistics, expectedCounts, type RuledTable, rowRuleOf } from './row-rule.ts'
import { planRows } from './rows.ts'
import { findSecond, type SecondData, validationPath } from './validation-data.ts'

/** How many rows there are, and whether that is sure: rows that must be counted first are expected to be as many as may be. */
export type PlannedRows = ReturnType<typeof planRows> & { isCounted: boolean }

type PlannedData = {
  columns: PlannedColumn[]
  chosen: ChosenColumns
  rowRule: RowRule
  rows: PlannedRows
  /** The second dataset, if there is one and it has the columns that it needs; `secondErrors` say which it lacks. */
  second?: SecondData
  secondErrors: ValidationError[]
  /** False if columns that the config names are not there, so that nothing more can be said. */
  isComplete: boolean
  errors: ValidationError[]
}

/** @param counts how the rows are used, if they had to be counted */
export function* planData(
  config: JobConfig,
  { dataset, validation }: { dataset: PlannedDataset; validation?: PlannedDataset },
  counts: RowCounts | undefined,
): Generator<void, PlannedData> {
  const columns = yield* plannedInSteps(dataset)
  const { chosen, errors: columnErrors } = yield* chooseColumns(config.dataset, columns)
  const isComplete = columnErrors.length === 0
  yield
  const { rule: rowRule, errors: ruleErrors } = rowRuleOf(config, chosen, columns)
  const trained = { chosen, columns, inputShape: dataset.inputShape }
  const found = validation && isComplete ? findSecond(config, trained, validation, validationPath) : undefined
  const second = found && 'value' in found ? found.value : undefined
  yield
  const tables: RuledTable[] = [{ rule: rowRule, dataset }]
  if (second && validation) tables.push({ rule: second.plan.rowRule, dataset: validation })
  const known = counts ?? countsByStatistics(tables)
  const rows = { ...planRows(config, known ?? expectedCounts(tables)), isCounted: known !== undefined }
  const errors = [...columnErrors, ...ruleErrors, ...(known ? rows.errors : [])]
  const secondErrors = found && 'errors' in found ? found.errors : []
  return { columns, chosen, rowRule, rows, second, secondErrors, isComplete, errors }
}
