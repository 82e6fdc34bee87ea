/** Another loss than the trainer's for one pass: what it makes of the plan, and what does not fit it. */
import { type LossConfig, lossCatalog } from '../../../src/catalog/losses/all-losses.ts'
import type { Loss } from '../../../src/catalog/losses/loss.ts'
import { ignoreIndexErrors, weightErrors } from '../../../src/catalog/losses/loss-errors.ts'
import type { ValidationError } from '../../../src/contracts/error-codes.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { lastOf } from '../../../src/numerics/must.ts'
import { describeShape, sizeOf } from '../../../src/numerics/shape.ts'
import { unfitLabel } from './given-values.ts'

/** Stands for the rows of a batch while shapes are compared. */
const anyRows = 2

/** The plan with this loss, whose labels are the same numbers, maybe of another shape; or what keeps the loss from taking them. */
export const planWithLoss = (plan: Plan, config: LossConfig): Plan | ValidationError[] => {
  const loss: Loss = lossCatalog[config.type]
  const error = (path: string, code: string, message: string): ValidationError[] => [{ path, code, message }]
  const groups = plan.data.featureColumns.length
  if (loss.inputs !== groups)
    return error('/loss/type', 'shape_mismatch', `${config.type} compares ${loss.inputs} inputs; there are ${groups}`)
  if ('classWeights' in config && config.classWeights !== undefined)
    return error('/loss/classWeights', 'conflict', "goes with the trainer's own loss alone")
  const outputs = [anyRows, ...plan.outputShape]
  const expected = loss.expects?.(outputs)
  if (expected)
    return error(
      '/loss/type',
      'shape_mismatch',
      `${config.type} expects ${expected}; the outputs are ${describeShape(plan.outputShape)} a row`,
    )
  const count = sizeOf(plan.data.labelShape)
  const shapes = loss.targetShapes(outputs).map((shape) => shape.slice(1))
  const labelShape = shapes.find((shape) => sizeOf(shape) === count)
  if (!labelShape) {
    const wanted = [...new Set(shapes.map(sizeOf))].join(' or ')
    return error('/loss/type', 'shape_mismatch', `${config.type} takes ${wanted} labels a row with this model; there are ${count}`)
  }
  const isProbability = loss.target === 'class' && labelShape.length === plan.outputShape.length
  const errors = [
    ...weightErrors(loss, config, lastOf(plan.outputShape), 'loss'),
    ...(isProbability ? ignoreIndexErrors(config, 'loss') : []),
  ]
  return errors.length > 0 ? errors : { ...plan, config: { ...plan.config, loss: config }, data: { ...plan.data, labelShape } }
}

/** Losses whose labels are looked at anew in one request, since that reads the whole dataset; and that are remembered. */
const maxLosses = 16

/** Whether losses take the labels of the dataset, found out once for each; the answer is for one request. */
export const createDatasetLabels = (labels: Float32Array) => {
  const remembered = new Map<string, ValidationError[]>()
  return () => {
    const known = new Map(remembered)
    let looked = 0
    return (plan: Plan): ValidationError[] => {
      const key = JSON.stringify(plan.config.loss)
      const before = known.get(key)
      if (before) return before
      looked += 1
      if (looked > maxLosses)
        return [{ path: '/loss', code: 'too_large', message: `a request may use ${maxLosses} losses that were not used before` }]
      const errors = errorsOf(plan, labels)
      known.set(key, errors)
      if (remembered.size >= maxLosses) remembered.clear()
      remembered.set(key, errors)
      return errors
    }
  }
}

const errorsOf = (plan: Plan, labels: Float32Array): ValidationError[] => {
  const unfit = unfitLabel(plan, labels)
  if (!unfit) return []
  return [
    {
      path: '/loss/type',
      code: 'range',
      message: `${plan.config.loss.type} needs labels that are ${unfit.expected}; the dataset holds ${unfit.value}`,
    },
  ]
}
