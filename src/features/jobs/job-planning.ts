/** A plan and what it takes to make one: levels by name, and rows that have to be counted. */
import type { JobConfig } from '../../api/job-config.schema.ts'
import { Problem, type ValidationError } from '../../contracts/error-codes.ts'
import type { Plan, RowCounts, RowRule } from '../../contracts/plan.ts'
import { requireValue, throwIfInvalid } from '../../validation/validation-errors.ts'
import type { Dataset, NewDataset } from '../datasets/dataset.ts'
import type { LevelRepository } from '../datasets/level.repository.ts'
import type { RowReader } from '../datasets/row-reader.ts'
import { inSlices } from '../slices.ts'
import { planInSteps } from './plan/make-plan.ts'
import { columnsFilledByLevel } from './plan/missing.ts'
import type { PlannedDataset } from './plan/planned-column.ts'
import { expectedOf, mustBeCounted, togetherOf } from './plan/row-rule.ts'
import { unknownLevelErrors } from './plan/unknown-levels.ts'
import { validationPath } from './plan/validation-data.ts'
import { createRowCounter, maxKeys } from './rows/row-counts.ts'

type Table = Dataset | NewDataset
type Collaborators = { tables: Pick<RowReader, 'rows'>; levels: Pick<LevelRepository, 'read'> }

/** Counts that were made already, for jobs that differ by something else. */
export type KnownCounts = Map<string, Promise<RowCounts>>

export const createJobPlanning = ({ tables, levels }: Collaborators) => {
  /**
   * The plan of a config; `counts` if its rows had to be counted, to be kept with the job.
   * @throws Problem VALIDATION_FAILED with every validation error
   */
  const plan = async (
    config: JobConfig,
    dataset: Table,
    validation: Dataset | undefined,
    known: KnownCounts = new Map(),
  ): Promise<{ plan: Plan; counts: RowCounts | null }> => {
    const described = await withLevels(config, dataset)
    const made = requireValue(await inSlices(planInSteps(config, described, validation)))
    if (validation) throwIfInvalid(await unknownLevelErrors(made, [dataset, validation], levels.read, validationPath))
    const second = validation && made.data.validation ? [{ rule: made.data.validation.rowRule, dataset: validation }] : []
    const ruled = [{ rule: made.data.rowRule, dataset }, ...second]
    if (!ruled.some(mustBeCounted)) return { plan: made, counts: null }
    const counts = togetherOf(
      await Promise.all(ruled.map((table) => (mustBeCounted(table) ? countOnce(table.rule, table.dataset, known) : expectedOf(table)))),
    )
    return { plan: requireValue(await inSlices(planInSteps(config, described, validation, { counts }))), counts }
  }

  const countOnce = (rule: RowRule, dataset: Table, known: KnownCounts): Promise<RowCounts> => {
    const key = JSON.stringify([dataset.id, rule])
    const counted = known.get(key) ?? count(rule, dataset)
    known.set(key, counted)
    return counted
  }

  const count = async (rule: RowRule, dataset: Table): Promise<RowCounts> => {
    const counter = createRowCounter(rule)
    for await (const rows of tables.rows(dataset)) counter.add(rows, dataset.columns.length)
    const { keys, ...counts } = await inSlices(counter.counts())
    if (counts.training + counts.validation + counts.dropped !== dataset.rows)
      throw new Problem('CONFLICT', `Dataset ${dataset.id} was deleted meanwhile`)
    throwIfInvalid(keyErrors(rule, keys))
    return counts
  }

  /** The dataset with all levels of the columns that a config fills with one of them. */
  const withLevels = async (config: JobConfig, dataset: Table): Promise<PlannedDataset> => {
    const filled = columnsFilledByLevel(config, dataset)
    if (filled.length === 0) return dataset
    const read = filled.map(async ({ name, position }) => [name, await levels.read(dataset.id, position)] as const)
    return { ...dataset, levels: new Map(await Promise.all(read)) }
  }

  return { plan }
}

export type JobPlanning = ReturnType<typeof createJobPlanning>

/** A column that divides the rows into too many parts, or into one. */
const keyErrors = ({ split: { by, fold } }: RowRule, keys: number): ValidationError[] => {
  const path = `/training/${fold ? 'folds' : 'validationSplit'}/column`
  if (keys > maxKeys)
    return [{ path, code: 'too_large', message: `has more than ${maxKeys} different values; rows are split by at most so many` }]
  if (by === 'group' && fold && keys < fold.count)
    return [{ path, code: 'range', message: `has ${keys} different values; ${fold.count} folds need as many groups` }]
  if (by === 'group' && keys === 1) return [{ path, code: 'range', message: 'has one value in all rows: there is no group to hold back' }]
  return []
}
