import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JobConfig } from '../../../../src/api/job-config.schema.ts'
import type { SweepJob } from '../../../../src/api/sweep.schema.ts'
import { perExample, termsOf } from '../../../../src/features/sweeps/per-example.ts'
import { type Contender, chooseCriterion, rank } from '../../../../src/features/sweeps/ranking.ts'

const plan = (loss: object, outputShape: number[], labelShape: number[]) =>
  termsOf({ config: { loss }, outputShape, data: { labelShape }, trainingRows: 10, validationRows: 4 } as unknown as Parameters<
    typeof termsOf
  >[0])

describe('a loss per example', () => {
  it('a loss per example is the mean that PyTorch would give', () => {
    assert.equal(perExample(0.5, 'mean', 20, 10), 0.5)
    assert.equal(perExample(10, 'sum', 20, 10), 0.5)
    assert.equal(perExample(1, 'batchmean', 20, 10), 0.5)
    assert.equal(perExample(10, 'sum', null, 10), null)
  })

  it('divides by values, by rows or by pixels, as the loss does', () => {
    assert.deepEqual(plan({ type: 'mse' }, [2], [2]), { training: 20, validation: 8 })
    assert.deepEqual(plan({ type: 'crossEntropy' }, [3], []), { training: 10, validation: 4 })
    assert.deepEqual(plan({ type: 'nll2d' }, [4, 4, 3], [4, 4]), { training: 160, validation: 64 })
    assert.deepEqual(plan({ type: 'multiLabelSoftMargin' }, [5], [5]), { training: 10, validation: 4 })
    assert.deepEqual(plan({ type: 'klDiv' }, [5], [5]), { training: 50, validation: 20 })
    assert.deepEqual(plan({ type: 'crossEntropy', weight: [1, 2, 3] }, [3], []), { training: null, validation: null })
  })
})

type Parts = { loss?: object; row?: object }
const contender = (position: number, { loss = { type: 'mse', reduction: 'mean' }, row = {} }: Parts = {}): Contender => ({
  config: { loss, metrics: [], training: { validationSplit: 0 } } as unknown as JobConfig,
  row: { position, status: 'succeeded', loss: 1, perExampleLoss: 1, metrics: {}, estimationError: null, ...row } as Omit<SweepJob, 'rank'>,
})

describe('the rank of a job', () => {
  it('the rank of a job follows losses per example where reductions differ, never the raw ones', () => {
    const jobs = [
      contender(1, { loss: { reduction: 'sum', type: 'mse' }, row: { loss: 100, perExampleLoss: 0.1 } }),
      contender(2, { row: { loss: 0.2, perExampleLoss: 0.2 } }),
    ]
    const { rankedBy } = chooseCriterion(jobs)
    assert.equal(rankedBy, 'perExampleLoss')
    assert.deepEqual(
      rank(jobs, rankedBy).map(({ position, rank: place }) => [position, place]),
      [
        [1, 1],
        [2, 2],
      ],
    )
  })

  it('the rank of a job is shared by equals; what failed or is not finite comes last, without one', () => {
    const jobs = [
      contender(1, { row: { perExampleLoss: 'NaN' } }),
      contender(2, { row: { perExampleLoss: 0.3 } }),
      contender(3, { row: { status: 'failed', perExampleLoss: 0.1 } }),
      contender(4, { row: { perExampleLoss: 0.2 } }),
      contender(5, { row: { perExampleLoss: 0.2 } }),
    ]
    assert.deepEqual(
      rank(jobs, 'perExampleLoss').map(({ position, rank: place }) => [position, place]),
      [
        [4, 1],
        [5, 1],
        [2, 3],
        [1, null],
        [3, null],
      ],
    )
  })

  it('by a metric of which more is better begins with the most', () => {
    const jobs = [0.8, 0.9].map((accuracy, at) => contender(at + 1, { row: { metrics: { accuracy } } }))
    assert.deepEqual(
      rank(jobs, 'accuracy').map(({ position }) => position),
      [2, 1],
    )
  })

  it('the rank of a job of different losses without anything in common is none', () => {
    const jobs = [contender(1), contender(2, { loss: { type: 'l1', reduction: 'mean' } })]
    const { rankedBy, rankedBecause } = chooseCriterion(jobs)
    assert.equal(rankedBy, null)
    assert.ok(rankedBecause.length > 0)
    assert.deepEqual(
      rank(jobs, rankedBy).map(({ rank: place }) => place),
      [null, null],
    )
  })
})
