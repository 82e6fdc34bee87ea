/** Whether a loss takes what the model gives and what the data says. */

import type { ColumnType } from '../../../api/column.schema.ts'
import type { JobConfig } from '../../../api/job-config.schema.ts'
import { lossCatalog } from '../../../catalog/losses/all-losses.ts'
import type { Loss, TargetKind } from '../../../catalog/losses/loss.ts'
import { ignoreIndexErrors, weightErrors } from '../../../catalog/losses/loss-errors.ts'
import { metricMisfit } from '../../../catalog/metrics.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { DataPlan } from '../../../contracts/plan.ts'
import { lastOf } from '../../../numerics/must.ts'
import { describeShape, sizeOf } from '../../../numerics/shape.ts'
import { maxListedErrors } from '../../../validation/validation-errors.ts'
import { labelRangeError } from './label-range.ts'
import { describeLevels, isYesOrNo, type PlannedColumn } from './planned-column.ts'

/** Stands for the rows of a mini-batch while shapes are compared. */
const anyRows = 2

/**
 * The shape of one example's target as the loss takes it, empty for a class index, if there is one; and what does not
 * fit: labels, the model's outputs, or the number of inputs.
 */
export const fitLoss = (
  config: JobConfig['loss'],
  { outputShape, labels, groups }: { outputShape: readonly number[]; labels: readonly PlannedColumn[]; groups: number },
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
  errors.push(...weightErrors(loss, config, lastOf(outputShape), 'loss'), ...labelKindErrors(loss, labels))
  const fitting = loss.targetShapes(inputShape).map((shape) => shape.slice(1))
  const labelShape = fitting.find((shape) => sizeOf(shape) === labels.length)
  if (!labelShape) return { errors: [...errors, labelCountError(config.type, fitting, outputShape, labels.length)] }
  const kind =
    sizeOf(labelShape) === sizeOf(outputShape) && loss.target === 'class' && outputShape.at(-1) !== 1 ? 'probability' : loss.target
  errors.push(...classWeightErrors(loss, config, { labels, kind }))
  if (loss.target === 'class' && kind === 'probability') errors.push(...ignoreIndexErrors(config, 'loss'))
  // Two classes are trained as the -1 and 1 of a loss of signs.
  const readable = labels.filter((label) => label.holds !== 'text' && label.isStored && !(kind === 'sign' && isYesOrNo(label)))
  errors.push(...readable.flatMap((label) => labelRangeError(kind, label, config, lastOf(outputShape))).slice(0, maxListedErrors))
  return { labelShape, errors }
}

/** Labels of two classes as a loss of -1 and 1 takes them. */
export const signedLabels = ({ loss }: JobConfig, labels: readonly PlannedColumn[]): Pick<DataPlan, 'signedLabels'> => {
  const { target }: Loss = lossCatalog[loss.type]
  return target === 'sign' && labels.some(isYesOrNo) ? { signedLabels: labels.map(isYesOrNo) } : {}
}

/** Metrics that say nothing about what the loss trains. */
export const metricErrors = ({ metrics, loss }: JobConfig): ValidationError[] =>
  metrics.flatMap((metric, index) => {
    const needed = metricMisfit(metric, loss.type)
    return needed ? [{ path: `/metrics/${index}`, code: 'range', message: `${metric} needs ${needed}`, value: metric }] : []
  })

/** Labels of one class each, which leave nothing to tell apart; of several that are yes or no some may be the same in all rows. */
export const oneClassErrors = ({ loss: { type } }: JobConfig, labels: readonly PlannedColumn[]): ValidationError[] => {
  const { target }: Loss = lossCatalog[type]
  if (target === 'number' || !labels.every(({ hasOneClass }) => hasOneClass)) return []
  return labels
    .slice(0, maxListedErrors)
    .map(({ name, holds }) => ({ path: '/dataset/labels', code: 'type', message: `column "${name}" ${oneClass(holds)}`, column: name }))
}

/** Labels that have no scale, or a loss that does not compare numbers. */
export const labelScaleErrors = ({ preprocessing, loss: { type } }: JobConfig, labels: readonly PlannedColumn[]): ValidationError[] => {
  if (!preprocessing?.standardizeLabels) return []
  const path = '/preprocessing/standardizeLabels'
  const { unitPower }: Loss = lossCatalog[type]
  if (unitPower === undefined)
    return [{ path, code: 'range', message: `needs a loss of numbers that have a unit; ${type} is none`, value: true }]
  return labels.flatMap(({ name, holds }) =>
    holds === 'boolean' || holds === 'category' || holds === 'text'
      ? [{ path, code: 'type', message: `needs labels that are numbers; column "${name}" is a ${holds}`, column: name }]
      : [],
  )
}

const oneClass = (holds: ColumnType): string =>
  `has fewer than two ${holds === 'boolean' ? 'values' : 'levels'}: there is nothing to tell apart`

const labelCountError = (type: string, fitting: number[][], outputShape: readonly number[], got: number): ValidationError => {
  const expected = [...new Set(fitting.map(sizeOf))].join(' or ')
  const message = `${type} with outputs of shape ${describeShape(outputShape)} per row expects ${expected} label column${expected === '1' ? '' : 's'}; got ${got}`
  return { path: '/loss/type', code: 'shape_mismatch', message }
}

/** Labels that no loss can take, or that a loss of numbers cannot. */
const labelKindErrors = (loss: Loss, labels: readonly PlannedColumn[]): ValidationError[] =>
  labels.flatMap((label): ValidationError[] => {
    const { name, holds, isStored, missing, min, levelCount } = label
    const wrong = (message: string, code: string) => [{ path: '/dataset/labels', code, message, column: name }]
    if (!isStored) return wrong(`column "${name}" has too many levels to be stored, so it cannot be a label`, 'range')
    if (missing > 0 && min === undefined && levelCount === 0) return wrong(`column "${name}" has nothing but missing values`, 'range')
    if (holds === 'text') return wrong(`column "${name}" is text: declare it a category when it is uploaded`, 'type')
    if (holds !== 'category' || loss.target !== 'number') return []
    const message = `${loss.type} trains numbers; column "${name}" is a category of ${describeLevels(label)}: crossEntropy trains classes, bceWithLogits two of them`
    return wrong(message, 'type')
  })

/** Weights by class where there are no classes, or where they are given already. */
const classWeightErrors = (
  loss: Loss,
  config: JobConfig['loss'],
  { labels, kind }: { labels: readonly PlannedColumn[]; kind: TargetKind },
): ValidationError[] => {
  if (!('classWeights' in config) || config.classWeights === undefined) return []
  const path = '/loss/classWeights'
  const given = ['weight', 'posWeight'].find((name) => name in config)
  if (given) return [{ path, code: 'overlap', message: `takes the place of ${given}: give one of them` }]
  const [label, ...others] = labels
  const isClass = loss.target === 'class' ? kind === 'class' : label?.type !== 'number' && others.length === 0
  return isClass
    ? []
    : [{ path, code: 'range', message: 'weights classes: it needs labels that are class indices, or one label of 0 and 1' }]
}
