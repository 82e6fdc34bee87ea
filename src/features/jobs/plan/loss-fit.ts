/** Whether a loss takes what the model gives and what the data says. */

import { sizeOf } from '../../../contracts/catalog/layers/layer.ts'
import type { Loss } from '../../../contracts/catalog/loss.ts'
import { ignoreIndexFaults, weightFaults } from '../../../contracts/catalog/loss-faults.ts'
import { lossCatalog } from '../../../contracts/catalog/losses.ts'
import { metricMisfit } from '../../../contracts/catalog/metrics.ts'
import type { StoredColumn } from '../../../contracts/dataset.ts'
import { listedFaults } from '../../../contracts/faults.ts'
import type { JobConfig } from '../../../contracts/job-config.ts'
import type { Fault } from '../../../contracts/problems.ts'
import { labelRangeFault } from './label-range.ts'

const shown = (shape: readonly number[]): string => `[${shape.join(', ')}]`

/** Stands for the rows of a mini-batch while shapes are compared. */
const anyRows = 2

/**
 * The shape of one example's target as the loss takes it, empty for a class index, where there is one; and what does not
 * fit: labels, the model's outputs, or the number of inputs.
 */
export const fitLoss = (
  config: JobConfig['loss'],
  { outputShape, labels, groups }: { outputShape: readonly number[]; labels: readonly StoredColumn[]; groups: number },
): { labelShape?: number[]; faults: Fault[] } => {
  const loss: Loss = lossCatalog[config.type]
  const faults: Fault[] = []
  if (loss.inputs !== groups) {
    const message = `${config.type} compares ${loss.inputs === 2 ? 'two inputs: give features as {a, b}' : 'one input with the labels: give features as one list'}`
    faults.push({ path: '/dataset/features', code: 'shape_mismatch', message })
  }
  const inputShape = [anyRows, ...outputShape]
  const expected = loss.expects?.(inputShape)
  if (expected) {
    const message = `${config.type} expects ${expected}; the model's outputs are [rows, ${outputShape.join(', ')}]`
    return { faults: [...faults, { path: '/loss/type', code: 'shape_mismatch', message }] }
  }
  faults.push(...weightFaults(loss, config, outputShape.at(-1) ?? 1, 'loss'))
  const fitting = loss.targetShapes(inputShape).map((shape) => shape.slice(1))
  const labelShape = fitting.find((shape) => sizeOf(shape) === labels.length)
  if (!labelShape) return { faults: [...faults, labelCountFault(config.type, fitting, outputShape, labels.length)] }
  const kind =
    sizeOf(labelShape) === sizeOf(outputShape) && loss.target === 'class' && outputShape.at(-1) !== 1 ? 'probability' : loss.target
  if (loss.target === 'class' && kind === 'probability') faults.push(...ignoreIndexFaults(config, 'loss'))
  faults.push(...labels.flatMap((label) => labelRangeFault(kind, label, config, outputShape.at(-1) ?? 1)).slice(0, listedFaults))
  return { labelShape, faults }
}

const labelCountFault = (type: string, fitting: number[][], outputShape: readonly number[], got: number): Fault => {
  const expected = [...new Set(fitting.map(sizeOf))].join(' or ')
  const message = `${type} with outputs of shape ${shown(outputShape)} per row expects ${expected} label column${expected === '1' ? '' : 's'}; got ${got}`
  return { path: '/loss/type', code: 'shape_mismatch', message }
}

/** Metrics that say nothing about what the loss trains. */
export const metricFaults = ({ metrics, loss }: JobConfig): Fault[] =>
  metrics.flatMap((metric, index) => {
    const needed = metricMisfit(metric, loss.type)
    return needed ? [{ path: `/metrics/${index}`, code: 'range', message: `${metric} needs ${needed}`, value: metric }] : []
  })
