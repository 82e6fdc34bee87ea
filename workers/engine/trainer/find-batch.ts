/** Which examples a `batch` names. */
import type { OperationOf } from '../../../src/api/trainer-operations.schema.ts'
import type { ValidationError } from '../../../src/contracts/error-codes.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { BatchAddress, TrainerStanding } from '../../../src/contracts/trainer.ts'
import { describeShape, sizeOf } from '../../../src/numerics/shape.ts'
import { errorsOfEach } from '../../../src/validation/validation-errors.ts'
import { inputErrors, labelErrors } from './given-values.ts'

type Found = { batch: BatchAddress } | { errors: ValidationError[] }
type Batch = OperationOf<'batch'>

/** `cursor`: the last mini-batch of an epoch, after which the next comes. */
export const findBatch = ({ plan, hasData }: { plan: Plan; hasData: boolean }, batch: Batch, cursor: TrainerStanding['cursor']): Found => {
  const ways = [batch.size, batch.rows, batch.features].filter((given) => given !== undefined).length
  if (ways !== 1)
    return wrong('/type', 'conflict', 'takes `size`, with `epoch` and `index`, or `rows`, or `features`, with `labels`: one of the three')
  if (batch.features) return givenBatch(plan, batch, batch.features)
  if (batch.labels) return wrong('/labels', 'conflict', 'go with `features` alone')
  if (!hasData) return wrong(batch.rows ? '/rows' : '/size', 'conflict', 'needs a dataset, which this trainer has not: give `features`')
  if (batch.rows) return rowsBatch(plan, batch, batch.rows)
  return sliceBatch(plan, batch, batch.size ?? 1, cursor)
}

/** Mini-batches of an epoch. */
export const batchesOf = ({ config, trainingRows }: Plan, size: number): number =>
  config.training.dropLast ? Math.floor(trainingRows / size) : Math.ceil(trainingRows / size)

const sliceBatch = (plan: Plan, batch: Batch, size: number, cursor: TrainerStanding['cursor']): Found => {
  const { trainingRows } = plan
  const count = batchesOf(plan, size)
  if (count === 0)
    return wrong('/size', 'range', `the dataset has ${trainingRows} rows, and a last mini-batch that is not full is left out`)
  const { epoch, index } = placeOf(batch, count, cursor?.size === size ? cursor : null)
  if (index >= count)
    return wrong('/index', 'range', `an epoch has ${count} mini-batches of ${size}: the index goes from 0 to ${count - 1}`, index)
  if (epoch > 1_000_000) return wrong('/epoch', 'range', 'epochs go from 1 to 1000000', epoch)
  return { batch: { kind: 'slice', size, epoch, index, rows: Math.min(size, trainingRows - index * size) } }
}

const placeOf = ({ epoch, index }: Batch, count: number, cursor: TrainerStanding['cursor']): { epoch: number; index: number } => {
  if (epoch !== undefined || index !== undefined) return { epoch: epoch ?? cursor?.epoch ?? 1, index: index ?? 0 }
  if (!cursor) return { epoch: 1, index: 0 }
  return cursor.index + 1 < count ? { epoch: cursor.epoch, index: cursor.index + 1 } : { epoch: cursor.epoch + 1, index: 0 }
}

const rowsBatch = ({ trainingRows }: Plan, batch: Batch, rows: number[]): Found => {
  if (batch.epoch !== undefined || batch.index !== undefined)
    return wrong(batch.epoch === undefined ? '/index' : '/epoch', 'conflict', 'goes with `size` alone')
  const errors = errorsOfEach(rows, (row, at) =>
    row < trainingRows
      ? undefined
      : { path: `/rows/${at}`, code: 'range', message: `the dataset has ${trainingRows} rows, from 0`, value: row },
  )
  return errors.length > 0 ? { errors } : { batch: { kind: 'rows', positions: rows, rows: rows.length } }
}

const givenBatch = (plan: Plan, batch: Batch, features: number[][]): Found => {
  if (batch.epoch !== undefined || batch.index !== undefined)
    return wrong(batch.epoch === undefined ? '/index' : '/epoch', 'conflict', 'goes with `size` alone')
  const { data } = plan
  const { labels } = batch
  if (data.featureColumns.length > 1)
    return wrong('/features', 'conflict', 'are of one input, and the loss compares two: name rows of the dataset')
  const widthErrors = (table: number[][], name: string, shape: readonly number[], what: string): ValidationError[] =>
    errorsOfEach(table, (row, at) =>
      row.length === sizeOf(shape)
        ? undefined
        : {
            path: `/${name}/${at}`,
            code: 'shape_mismatch',
            message: `has ${row.length} values; ${what} ${describeShape(shape)} takes ${sizeOf(shape)}`,
          },
    )
  const errors = [
    ...widthErrors(features, 'features', data.inputShape, 'an input of shape'),
    ...(labels ? widthErrors(labels, 'labels', data.labelShape, 'a label of shape') : []),
    ...(labels && labels.length !== features.length
      ? [
          {
            path: '/labels',
            code: 'unequal_lengths',
            message: `must be as many as the features: there are ${labels.length} and ${features.length}`,
          },
        ]
      : []),
  ]
  if (errors.length === 0) errors.push(...inputErrors(plan, features), ...(labels ? labelErrors(plan, labels) : []))
  return errors.length > 0 ? { errors } : { batch: { kind: 'given', features, labels, rows: features.length } }
}

const wrong = (path: string, code: string, message: string, value?: number): { errors: ValidationError[] } => ({
  errors: [{ path, code, message, ...(value === undefined ? {} : { value }) }],
})
