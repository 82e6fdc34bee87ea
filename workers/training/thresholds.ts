/** Which limits of its config a job has told of. */
import type { NewEvent } from '../../src/api/event.schema.ts'
import type { Threshold } from '../../src/api/job-config/thresholds.schema.ts'
import { toJsonNumber } from '../../src/api/numbers.ts'
import type { EpochRow } from '../../src/contracts/epoch-columns.ts'

/** @param told positions in `on` of those that were told already, as the checkpoint has them */
export const createThresholds = (on: readonly Threshold[] = [], told: readonly number[] = []) => {
  const known = new Set(told)

  /** The events of an epoch, in the order of `on`: each threshold is told with the first epoch that passes it. */
  const tell = (epoch: EpochRow): NewEvent[] =>
    on.flatMap((threshold, index): NewEvent[] => {
      const value = valueIn(epoch, threshold.metric)
      if (known.has(index) || value === undefined || !isPassed(threshold, value)) return []
      known.add(index)
      return [{ type: 'threshold', data: { ...threshold, value: toJsonNumber(value), epoch: epoch.epoch } }]
    })

  return {
    tell,
    /** Positions of those that were told; undefined if there are none, as in every checkpoint of a job without thresholds. */
    told: (): number[] | undefined => (known.size > 0 ? [...known] : undefined),
  }
}

const isPassed = ({ below = Number.NEGATIVE_INFINITY, above = Number.POSITIVE_INFINITY }: Threshold, value: number): boolean =>
  value < below || value > above

const valueIn = (epoch: EpochRow, metric: Threshold['metric']): number | undefined => {
  const column: unknown = epoch[metric as keyof EpochRow]
  return typeof column === 'number' ? column : epoch.metrics[metric]
}
