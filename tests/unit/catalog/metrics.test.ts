import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DecidingLoss } from '../../../src/catalog/decision.ts'
import type { LossType } from '../../../src/catalog/losses/all-losses.ts'
import { createMetrics, type MetricType, metricMisfit } from '../../../src/catalog/metrics.ts'

const classMetrics: MetricType[] = ['accuracy', 'precision', 'recall', 'f1']
const errorMetrics: MetricType[] = ['mae', 'rmse', 'r2']

const measure = (
  types: MetricType[],
  loss: LossType | DecidingLoss,
  columns: number,
  outputs: number[],
  labels: number[],
  labelsPerRow = columns,
) => {
  const metrics = createMetrics(types, { loss: typeof loss === 'string' ? { type: loss } : loss, columns })
  const rows = outputs.length / columns
  // In two batches, as a data set comes.
  for (const [from, to] of [
    [0, 1],
    [1, rows],
  ] as const) {
    metrics.add({
      outputs: Float32Array.from(outputs.slice(from * columns, to * columns)),
      labels: Float32Array.from(labels.slice(from * labelsPerRow, to * labelsPerRow)),
    })
  }
  return metrics.values()
}

const assertNear = (values: Record<string, number>, expected: Record<string, number>): void => {
  assert.deepEqual(Object.keys(values), Object.keys(expected))
  for (const [name, value] of Object.entries(expected))
    assert.ok(Math.abs((values[name] ?? Number.NaN) - value) < 1e-6, `${name} ${values[name]}`)
}

describe('metrics', () => {
  // Expected values are scikit-learn's.
  it('average precision, recall and f1 over classes chosen by the largest output', () => {
    const chosen = [0, 2, 2, 2, 1, 1, 0, 2]
    const outputs = chosen.flatMap((index) => [0, 1, 2].map((position) => (position === index ? 0.5 : -1)))
    const values = measure(classMetrics, 'crossEntropy', 3, outputs, [0, 1, 2, 2, 1, 0, 2, 2], 1)
    assertNear(values, { accuracy: 0.625, precision: 0.5833333333, recall: 0.5833333333, f1: 0.5833333333 })
  })

  it('count a single output as yes or no, by the threshold of its loss', () => {
    const labels = [0, 1, 1, 0, 1]
    const expected = { accuracy: 0.6, precision: 0.6666666667, recall: 0.6666666667, f1: 0.6666666667 }
    assertNear(measure(classMetrics, 'bceWithLogits', 1, [0.2, 3, -0.1, -2, 0.4], labels), expected)
    assertNear(measure(classMetrics, 'bce', 1, [0.6, 0.9, 0.4, 0.1, 0.7], labels), expected)
    assertNear(measure(classMetrics, 'softMargin', 1, [0.2, 3, -0.1, -2, 0.4], [-1, 1, 1, -1, 1]), expected)
  })

  it('count every label of several by itself', () => {
    const values = measure(classMetrics, 'multiLabelSoftMargin', 2, [-1, 1, -1, 1, 1, 1], [0, 1, 1, 1, 1, 0])
    assertNear(values, { accuracy: 0.6666666667, precision: 0.8333333333, recall: 0.75, f1: 0.7333333333 })
  })

  it('metrics leave out rows of the class that the loss ignores, also where all are', () => {
    const ignoring = (ignoreIndex: number): DecidingLoss => ({ type: 'crossEntropy', ignoreIndex })
    const [all, none] = [
      { accuracy: 1, precision: 1, recall: 1, f1: 1 },
      { accuracy: 0, precision: 0, recall: 0, f1: 0 },
    ]
    assertNear(measure(classMetrics, ignoring(1), 2, [2, 1, 2, 1], [0, 1], 1), all)
    assertNear(measure(classMetrics, ignoring(0), 2, [2, 1, 1, 2], [0, 1], 1), all)
    assertNear(measure(classMetrics, ignoring(1), 2, [2, 1, 2, 1], [1, 1], 1), none)
    assertNear(measure(classMetrics, ignoring(255), 2, [2, 1, 1, 2], [255, 1], 1), all)
    // Rows of class probabilities have no index.
    assertNear(measure(['accuracy'], ignoring(-1), 2, [2, 1, 1, 2], [1, 0, 0, 1]), { accuracy: 1 })
  })

  it('metrics leave ignored rows out and average only over classes that occur', () => {
    const values = measure(classMetrics, 'nll', 3, [1, 0, 0, 0, 1, 0, 0, 0, 1], [0, 1, -100], 1)
    assertNear(values, { accuracy: 1, precision: 1, recall: 1, f1: 1 })
  })

  it('metrics measure errors over all values and r2 per column, also far from zero', () => {
    const labels = [1000, 1, 1002, 2, 1003, 5, 1001, 4]
    const outputs = [1000.5, 1.5, 1002, 1, 1002, 5, 1001.5, 3]
    assertNear(measure(errorMetrics, 'mse', 2, outputs, labels), { mae: 0.5625, rmse: 0.6846531969, r2: 0.7375 })
  })

  it('metrics give constant labels an r2 of 1 where they are met and of 0 else', () => {
    assertNear(measure(['r2'], 'mse', 1, [2, 2], [2, 2]), { r2: 1 })
    assertNear(measure(['r2'], 'mse', 1, [2, 3], [2, 2]), { r2: 0 })
  })

  it('metrics say which losses they do not fit', () => {
    assert.equal(metricMisfit('accuracy', 'crossEntropy'), undefined)
    assert.equal(metricMisfit('r2', 'huber'), undefined)
    for (const [metric, loss] of [
      ['accuracy', 'mse'],
      ['f1', 'hingeEmbedding'],
      ['accuracy', 'multiLabelMargin'],
      ['mae', 'crossEntropy'],
      ['r2', 'cosineEmbedding'],
      ['accuracy', 'marginRanking'],
    ] as const) {
      assert.match(metricMisfit(metric, loss) ?? '', new RegExp(loss), `${metric} of ${loss}`)
    }
  })
})
