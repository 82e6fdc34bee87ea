/** What stands for a dataset where the client sends all examples itself: columns of which nothing is known. */

import type { JobConfigRequest } from '../../api/job-config.schema.ts'
import { lossCatalog } from '../../catalog/losses/all-losses.ts'
import type { Loss } from '../../catalog/losses/loss.ts'
import type { GivenShapes } from '../../contracts/trainer.ts'
import { sizeOf } from '../../numerics/shape.ts'
import type { Dataset } from '../datasets/dataset.ts'
import { inferLayers } from '../jobs/plan/layer-shapes.ts'

/** Enough for layers that look at several rows. */
const anyRows = 2

/** A table without rows of its own, for planning alone; it is never stored. */
export const givenDataset = ({ inputShape, labelShape }: GivenShapes): Dataset & { kind: 'upload'; spec: null } => {
  const columns = (count: number, name: string, role: 'feature' | 'label') =>
    // Whole numbers, as far as anybody knows: what comes is looked at then.
    Array.from({ length: count }, (_, at) => ({ name: `${name}${at}`, role, type: 'integer' as const }))
  return {
    id: 'given',
    tenant: '',
    kind: 'upload',
    spec: null,
    columns: [...columns(sizeOf(inputShape), 'x', 'feature'), ...columns(sizeOf(labelShape), 'y', 'label')],
    rows: anyRows,
    inputShape,
    csv: null,
    format: null,
    notes: [],
    badRows: null,
    missing: null,
    storedBytes: 0,
    name: null,
    metadata: {},
    expiresAt: null,
    contentHash: '',
    createdAt: new Date(0),
  }
}

/** The shape of a label that the loss takes for the outputs of the model: what is meant if none is said. */
export const usualLabelShape = ({ model: { layers }, loss }: Pick<JobConfigRequest, 'model' | 'loss'>, inputShape: number[]): number[] => {
  const outputShape = inferLayers(layers, inputShape).layers.at(-1)?.outputShape ?? inputShape
  const { expects, targetShapes }: Loss = lossCatalog[loss.type]
  const outputs = [anyRows, ...outputShape]
  // What does not fit is said by the plan.
  return (expects?.(outputs) ? undefined : targetShapes(outputs)[0]?.slice(1)) ?? []
}
