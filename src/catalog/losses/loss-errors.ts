/** What is wrong with a request to evaluate a loss, beyond its schema: shapes and values that do not fit each other. */

import { fromJsonNumber } from '../../api/numbers.ts'
import type { ValidationError } from '../../contracts/error-codes.ts'
import type { EvaluateRequest, JsonTensor } from '../../contracts/inference.ts'
import { describeShape, sizeOf } from '../../numerics/shape.ts'
import { errorsOfEach, pointer } from '../../validation/validation-errors.ts'
import { type LossType, lossCatalog } from './all-losses.ts'
import { ignoredByDefault } from './class-shares.ts'
import type { Loss } from './loss.ts'

/** Position of the class axis in PyTorch's order: 1, or 0 in a single row. */
export const torchClassAxis = (rank: number): number => Math.min(1, rank - 1)

/** Axes of PyTorch's order with the class axis last. */
export const classAxisLast = (rank: number): number[] => {
  const axis = torchClassAxis(rank)
  return [...Array.from({ length: rank }, (_, index) => index).filter((index) => index !== axis), axis]
}

type Acceptance = { fits: (value: number) => boolean; expected: string }

/** An index to ignore, if targets are class probabilities: as in PyTorch only a negative one, which none can be, is let pass. */
export const ignoreIndexErrors = (options: Record<string, unknown>, at: string): ValidationError[] => {
  const { ignoreIndex } = options
  if (typeof ignoreIndex !== 'number' || ignoreIndex < 0) return []
  const message = 'counts for targets that are class indices; these are class probabilities: leave it out'
  return [{ path: pointer(at, 'ignoreIndex'), code: 'range', message, value: ignoreIndex }]
}

/** Weights that do not come one per value of the axis they weigh: the class axis, or the last. `at` is where the options lie. */
export const weightErrors = (loss: Loss, options: Record<string, unknown>, size: number, at: string): ValidationError[] =>
  ['weight', 'posWeight'].flatMap((name): ValidationError[] => {
    const weight = options[name]
    const forAll = !loss.classAxis && Array.isArray(weight) && weight.length === 1
    if (!(name in loss.options) || !Array.isArray(weight) || weight.length === size || forAll) return []
    const wanted = loss.classAxis ? `one weight per class, ${size}` : `one weight per value of the last axis, ${size}, or one for all`
    const message = `must hold ${wanted}; got ${weight.length}`
    return [{ path: pointer(at, name), code: 'shape_mismatch', message }]
  })

/** Everything wrong with a request to evaluate a loss; empty if nothing is. The class axis is PyTorch's, 1. */
export const evaluationErrors = (request: EvaluateRequest): ValidationError[] => {
  const loss: Loss = lossCatalog[request.loss.type as LossType]
  const errors = shapeErrors(loss, request)
  if (errors.length > 0) return errors
  const size = moveClassAxisLast(loss, request.inputs[0]?.shape ?? []).at(-1) ?? 1
  return [...weightErrors(loss, request.loss, size, 'options'), ...valueErrors(loss, request)]
}

const moveClassAxisLast = (loss: Loss, shape: readonly number[]): number[] =>
  loss.classAxis ? classAxisLast(shape.length).map((axis) => shape[axis] ?? 1) : [...shape]

const sizeErrors = (tensor: JsonTensor, ...path: (string | number)[]): ValidationError[] => {
  const wanted = sizeOf(tensor.shape)
  if (wanted === 0) return [{ path: pointer(...path, 'shape'), code: 'shape_mismatch', message: 'must not have an axis of size 0' }]
  if (wanted === tensor.values.length) return []
  const message = `shape ${describeShape(tensor.shape)} holds ${wanted} values, got ${tensor.values.length}`
  return [{ path: pointer(...path, 'values'), code: 'shape_mismatch', message }]
}

/** Shapes of the target that fit an input, in PyTorch's order of axes. */
const targetShapes = (loss: Loss, inputShape: readonly number[]): number[][] =>
  loss.targetShapes(moveClassAxisLast(loss, inputShape)).map((shape) => (shape.length === inputShape.length ? [...inputShape] : shape))

const shapeErrors = (loss: Loss, { inputs, target }: EvaluateRequest): ValidationError[] => {
  const first = inputs[0]
  if (first === undefined || inputs.length !== loss.inputs) {
    const message = `${loss.type} takes ${loss.inputs === 1 ? 'one input' : 'two inputs'}, got ${inputs.length}`
    return [{ path: '/inputs', code: 'input_count', message }]
  }
  const errors = inputs.flatMap((input, index) => sizeErrors(input, 'inputs', index)).concat(sizeErrors(target, 'target'))
  const expected = first.shape.length === 0 && loss.classAxis ? 'at least one axis' : loss.expects?.(first.shape)
  if (expected) {
    errors.push({ path: '/inputs/0/shape', code: 'shape_mismatch', message: `must have ${expected}, got ${describeShape(first.shape)}` })
  }
  const second = inputs[1]
  if (second && describeShape(second.shape) !== describeShape(first.shape)) {
    const message = `must be the first input's, ${describeShape(first.shape)}, got ${describeShape(second.shape)}`
    errors.push({ path: '/inputs/1/shape', code: 'shape_mismatch', message })
  }
  const fitting = expected ? [] : targetShapes(loss, first.shape).map(describeShape)
  if (!expected && !fitting.includes(describeShape(target.shape))) {
    const message = `must be ${fitting.join(' or ')} for inputs ${describeShape(first.shape)}, got ${describeShape(target.shape)}`
    errors.push({ path: '/target/shape', code: 'shape_mismatch', message })
  }
  return errors
}

/** Says what a target value must be, if it is not. */
const acceptance = (loss: Loss, config: EvaluateRequest['loss'], classes: number): Acceptance | undefined => {
  const ignored = typeof config.ignoreIndex === 'number' ? config.ignoreIndex : ignoredByDefault
  const isIndex = (value: number) => Number.isInteger(value) && value >= 0 && value < classes
  const range = loss.targetRange?.(config)
  // NaN is a number that PyTorch takes.
  if (range) return { fits: (value) => !(value < range.lowest || value > range.highest), expected: range.expected }
  switch (loss.target) {
    case 'number':
    case 'probability':
      return undefined
    case 'sign':
      return { fits: (value) => value === 1 || value === -1, expected: '-1 or 1' }
    case 'class':
      return { fits: (value) => isIndex(value) || value === ignored, expected: `a class index from 0 to ${classes - 1}` }
    case 'classList':
      return { fits: (value) => isIndex(value) || value === -1, expected: `a class index from 0 to ${classes - 1}, or -1 after the last` }
  }
}

const valueErrors = (loss: Loss, { inputs, target, loss: config }: EvaluateRequest): ValidationError[] => {
  const shape = moveClassAxisLast(loss, inputs[0]?.shape ?? [])
  // Class probabilities in place of class indices may be anything, as in PyTorch.
  const asProbabilities = loss.target === 'class' && target.shape.length === shape.length
  if (asProbabilities) return ignoreIndexErrors(config, 'options')
  const accepted = acceptance(loss, config, shape.at(-1) ?? 1)
  const errors = errorsOfEach(target.values, (value, index) =>
    !accepted || accepted.fits(fromJsonNumber(value))
      ? undefined
      : { path: pointer('target', 'values', index), code: 'range', message: `must be ${accepted.expected}`, value },
  )
  return errors.concat(inputErrors(loss, inputs))
}

const inputErrors = ({ inputRange }: Loss, inputs: readonly JsonTensor[]): ValidationError[] =>
  inputRange === undefined
    ? []
    : inputs.flatMap(({ values }, at) =>
        errorsOfEach(values, (value, index) => {
          const number = fromJsonNumber(value)
          if (number >= inputRange.lowest && number <= inputRange.highest) return undefined
          return { path: pointer('inputs', at, 'values', index), code: 'range', message: `must be ${inputRange.expected}`, value }
        }),
      )
