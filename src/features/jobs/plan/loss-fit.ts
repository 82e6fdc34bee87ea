/** Whether a loss takes what the model gives and what the data says. */

import type { StoredColumn } from '../../../api/column.schema.ts'
import type { JobConfig } from '../../../api/job-config.schema.ts'
import { lossCatalog } from '../../../catalog/losses/all-losses.ts'
import type { Loss } from '../../../catalog/losses/loss.ts'
import { ignoreIndexErrors, weightErrors } from '../../../catalog/losses/loss-errors.ts'
import { metricMisfit } from '../../../catalog/metrics.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import { lastOf } from '../../../numerics/must.ts'
import { describeShape, sizeOf } from '../../../numerics/shape.ts'
import { maxListedErrors } from '../../../validation/validation-errors.ts'
import { labelRangeError } from './label-range.ts'

/** Stands for the rows of a mini-batch while shapes are compared. */
const anyRows = 2

/**
 * The shape of one example's target as the loss takes it, empty for a class index, if there is one; and what does not
 * fit: labels, the model's outputs, or the number of inputs.
 */
export const fitLoss = (
  config: JobConfig['loss'],
  { outputShape, labels, groups }: { outputShape: readonly number[]; labels: readonly StoredColumn[]; groups: number },
): { labelShape?: number[]; errors: ValidationError[] } => {
  const loss: Loss = lossCatalog[config.type]
  const errors: ValidationError[] = []
  if (loss.inputs !== groups) {
    const message = `${config.type} compares ${loss.inputs === 2 ? 'two inputs: give features as {a, b}' : 'one input with the labels: give features as one list'}`
    errors.push({ path: '/dataset/features', code: 'shape_mismatch', message })
  }
  const inputShape = [anyRows, ...outputShape]
  const expected = loss.expects?.(inputShape)
  if (expected) {
    const message = `${config.type} expects ${expected}; the model's outputs are [rows, ${outputShape.join(', ')}]`
    return { errors: [...errors, { path: '/loss/type', code: 'shape_mismatch', message }] }
  }
  errors.push(...weightErrors(loss, config, lastOf(outputShape), 'loss'))
  const fitting = loss.targetShapes(inputShape).map((shape) => shape.slice(1))
  const labelShape = fitting.find((shape) => sizeOf(shape) === labels.length)
  if (!labelShape) return { errors: [...errors, labelCountError(config.type, fitting, outputShape, labels.length)] }
  const kind =
    sizeOf(labelShape) === sizeOf(outputShape) && loss.target === 'class' && outputShape.at(-1) !== 1 ? 'probability' : loss.target
  if (loss.target === 'class' && kind === 'probability') errors.push(...ignoreIndexErrors(config, 'loss'))
  errors.push(...labels.flatMap((label) => labelRangeError(kind, label, config, lastOf(outputShape))).slice(0, maxListedErrors))
  return { labelShape, errors }
}

/** Metrics that say nothing about what the loss trains. */
export const metricErrors = ({ metrics, loss }: JobConfig): ValidationError[] =>
  metrics.flatMap((metric, index) => {
    const needed = metricMisfit(metric, loss.type)
    return needed ? [{ path: `/metrics/${index}`, code: 'range', message: `${metric} needs ${needed}`, value: metric }] : []
  })

const labelCountError = (type: string, fitting: number[][], outputShape: readonly number[], got: number): ValidationError => {
  const expected = [...new Set(fitting.map(sizeOf))].join(' or ')
  const message = `${type} with outputs of shape ${describeShape(outputShape)} per row expects ${expected} label column${expected === '1' ? '' : 's'}; got ${got}`
  return { path: '/loss/type', code: 'shape_mismatch', message }
}
