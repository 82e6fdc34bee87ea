/** What the chapters do by themselves: the chain rule, the link to a new job, the names of a sweep's jobs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { labelOf } from '../../../src/dashboard/views/learn/answers/point-label.ts'
import { chapters } from '../../../src/dashboard/views/learn/chapters/all-chapters.ts'
import { newJobLink } from '../../../src/dashboard/views/learn/new-job-link.ts'
import { backward, predict } from '../../../src/dashboard/views/learn/runs/linear-model.ts'
import { writeConfig } from '../../../src/dashboard/views/new-job/draft.ts'

test('the gradient by hand is the slope of the loss in each direction', () => {
  const number = fc.double({ min: -3, max: 3, noNaN: true })
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number, number), { minLength: 1, maxLength: 8 }), number, number, number, (rows, w1, w2, b) => {
      const features = rows.map(([x1, x2]) => [x1, x2])
      const lossAt = (weights: number[], bias: number): number =>
        predict(features, weights, bias).reduce((sum, prediction, at) => sum + (prediction - (rows[at]?.[2] ?? 0)) ** 2 / 2, 0)
      const differences = predict(features, [w1, w2], b).map((prediction, at) => prediction - (rows[at]?.[2] ?? 0))
      const { weightGradients, biasGradient } = backward(features, differences)
      const h = 1e-4
      const slopes = [
        lossAt([w1 + h, w2], b) - lossAt([w1 - h, w2], b),
        lossAt([w1, w2 + h], b) - lossAt([w1, w2 - h], b),
        lossAt([w1, w2], b + h) - lossAt([w1, w2], b - h),
      ].map((rise) => rise / (2 * h))
      for (const [at, gradient] of [...weightGradients, biasGradient].entries())
        assert.ok(Math.abs(gradient - (slopes[at] ?? Number.NaN)) < 1e-4, `${gradient} and ${slopes[at]}`)
    }),
  )
})

test('every step has a name of its own in its chapter, and what it builds on comes before it', () => {
  for (const { id, steps } of chapters) {
    assert.equal(new Set(steps.map((step) => step.id)).size, steps.length, id)
    for (const [at, { needs, body, ...step }] of steps.entries()) {
      const before = steps.slice(0, at).map(({ kind }) => kind)
      if (needs) assert.ok(before.includes(needs), `${id}/${step.id}`)
      assert.equal(JSON.stringify(body).includes('$DATASET'), needs === 'data' && !['batch', 'descent'].includes(step.kind), step.id)
    }
  }
})

test('a step opens as a new job with its dataset in its place, a sweep as its first job', () => {
  const steps = chapters.flatMap((chapter) => chapter.steps)
  const configOf = (id: string, kind: string, dataset?: string): Record<string, unknown> | undefined => {
    const step = steps.find((one) => one.id === id && one.kind === kind)
    assert.ok(step, id)
    const link = newJobLink(step, writeConfig(step.body), dataset)
    return link && JSON.parse(new URLSearchParams(link.split('?')[1]).get('config') ?? '')
  }
  assert.equal(configOf('lines', 'sweep'), undefined, 'there is no dataset yet')
  const lines = configOf('lines', 'sweep', 'ds_1')
  assert.deepEqual([lines?.dataset, lines?.loss], [{ id: 'ds_1' }, { type: 'mse' }])
  assert.deepEqual(configOf('loop', 'job')?.loss, { type: 'halfSquared', reduction: 'mean' })
  assert.equal(configOf('data', 'data'), undefined, 'nothing is trained')
})

test('jobs of a sweep are told apart by what differs, in few words', () => {
  assert.equal(labelOf({ 'loss.reduction': 'sum', 'optimizer.learningRate': 0.003 }), 'sum, learningRate 0.003')
  assert.equal(labelOf({ loss: { type: 'huber', delta: 1 } }), 'huber delta 1')
  assert.equal(labelOf({ 'a.weightInitializer': { type: 'zeros' }, 'b.weightInitializer': { type: 'zeros' } }), 'zeros')
})
