/** Which quantity compares the jobs of a sweep, and their order by it. Raw losses never do. */
import type { JobConfig } from '../../api/job-config.schema.ts'
import { fromJsonNumber, type JsonNumber } from '../../api/numbers.ts'
import type { SweepJob } from '../../api/sweep.schema.ts'
import { betterOf } from '../../catalog/metrics.ts'
import { shareHeldBack } from '../jobs/plan/rows.ts'

/** What ranks, and why. */
export type Criterion = { rankedBy: string | null; rankedBecause: string }

/** What a job's config says about how it can be compared. */
export type ComparedConfig = Pick<JobConfig, 'loss' | 'metrics' | 'training'>

/** A row of the table before it is ranked, with the config behind it. */
export type Contender = { row: Omit<SweepJob, 'rank'>; config: ComparedConfig }

/** The quantity that a sweep is ranked by: the one asked for, else the first that compares all of its jobs. */
export const chooseCriterion = (contenders: readonly Contender[], asked?: string): Criterion => {
  if (asked !== undefined) return { rankedBy: asked, rankedBecause: 'It was asked for.' }
  const configs = contenders.map(({ config }) => config)
  if (allAlike(configs.map(({ loss: { reduction: _, ...loss } }) => loss)) && contenders.every(isConvertible)) {
    const heldBack = configs.every(({ training }) => shareHeldBack(training) > 0 || training.validationDataset)
    return { rankedBy: heldBack ? 'perExampleValidationLoss' : 'perExampleLoss', rankedBecause: 'All jobs minimize the same loss.' }
  }
  const [first, ...others] = configs
  const metric = first?.metrics.find((one) => others.every(({ metrics }) => metrics.includes(one)))
  if (metric) return { rankedBy: metric, rankedBecause: 'The jobs minimize different losses, but all have this metric.' }
  const finished = contenders.filter(({ row }) => row.status === 'succeeded')
  if (finished.length > 0 && finished.every(({ row }) => row.estimationError))
    return { rankedBy: 'estimationError', rankedBecause: 'The jobs minimize different losses, but all of them estimate the same truth.' }
  return { rankedBy: null, rankedBecause: 'The jobs minimize different losses: ask for a metric, and they can be compared.' }
}

/** The rows with their ranks: ranked ones first, equal ones sharing a rank. */
export const rank = (contenders: readonly Contender[], rankedBy: string | null): SweepJob[] => {
  const sign = betterOf(rankedBy) === 'higher' ? -1 : 1
  const scored = contenders.map(({ row }) => ({ row, score: row.status === 'succeeded' ? sign * quantityOf(row, rankedBy) : Number.NaN }))
  const order = [...scored].sort((a, b) => compare(a.score, b.score) || a.row.position - b.row.position)
  return order.map(({ row, score }) => ({
    ...row,
    rank: Number.isFinite(score) ? 1 + scored.filter((other) => other.score < score).length : null,
  }))
}

const compare = (a: number, b: number): number => {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return Number(!Number.isFinite(a)) - Number(!Number.isFinite(b))
  return a - b
}

const quantityOf = (row: Contender['row'], rankedBy: string | null): number => {
  if (rankedBy === 'perExampleLoss' || rankedBy === 'perExampleValidationLoss') return numberOr(row[rankedBy])
  if (rankedBy === 'estimationError') {
    const { weights = [], bias = 'NaN' } = row.estimationError ?? {}
    return Math.hypot(...[...weights, bias].map(fromJsonNumber))
  }
  return numberOr(rankedBy === null ? null : row.metrics[rankedBy])
}

const numberOr = (value: JsonNumber | null | undefined): number =>
  value === null || value === undefined ? Number.NaN : fromJsonNumber(value)

const allAlike = (values: readonly unknown[]): boolean => new Set(values.map((value) => JSON.stringify(sorted(value)))).size <= 1

/** JSON from PostgreSQL comes with its keys in an order of its own. */
const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : value

/** A sum of weighted losses has no mean that follows from it. */
const isConvertible = ({ row, config }: Contender): boolean =>
  config.loss.reduction === 'mean' || row.loss === null || row.perExampleLoss !== null
