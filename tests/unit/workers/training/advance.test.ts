import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { EngineState, Run } from '../../../../src/contracts/engine.ts'
import { advance, type JobRun } from '../../../../workers/training/advance.ts'
import { createPace } from '../../../../workers/training/pace.ts'
import { report } from '../../../support/batches.ts'

/** A run without maths, which writes down how it was driven. */
const recordedRun = (stepsPerEpoch: number, epochs: number, { divergesIn = 0 } = {}) => {
  const calls: string[] = []
  let [epoch, step] = [0, 0]
  const run: Run = {
    run: async (steps) => {
      calls.push(`run ${steps}`)
      step += steps
      assert.ok(step <= stepsPerEpoch, 'never past the end of an epoch')
      return { epoch, step, epochEnded: step === stepsPerEpoch }
    },
    evaluate: async () => {
      calls.push('evaluate')
      epoch += 1
      step = 0
      const diverged = epoch === divergesIn
      return { ...report(epoch, diverged ? Number.NaN : 1), diverged, finished: epoch === epochs }
    },
    exportState: async (): Promise<EngineState> => ({ epoch, step, tensors: [], training: {} }),
    close: async () => {},
  }
  const jobRun = (from = { epoch: 0, step: 0 }, flops = 0): JobRun => ({
    run,
    pace: createPace({ targetMs: 200, flops }),
    stepsPerEpoch,
    ...from,
    lastEpochMs: 0,
    epochMs: 0,
  })
  return { calls, jobRun }
}

describe('one call to train', () => {
  test('one call to train takes a short job from start to end, with its last checkpoint', async () => {
    const { calls, jobRun } = recordedRun(100, 3)
    const progress = await advance(jobRun(), { budgetMs: 60_000, state: 'never' })
    assert.deepEqual(calls, ['run 100', 'evaluate', 'run 100', 'evaluate', 'run 100', 'evaluate'])
    assert.deepEqual([progress.epochs.length, progress.ended, progress.state?.epoch], [3, true, 3])
  })

  test('one call to train returns when its time is spent, in the middle of a long epoch, without a checkpoint unless asked', async () => {
    const { jobRun } = recordedRun(1_000_000, 1)
    const travelled = jobRun()
    const first = await advance(travelled, { budgetMs: 0, state: 'epoch' })
    assert.deepEqual([first.epochs, first.ended, first.state], [[], false, null])
    assert.ok(first.step > 0)
    const second = await advance(travelled, { budgetMs: 0, state: 'always' })
    assert.deepEqual(second.state?.step, second.step)
    assert.ok(second.step > first.step)
  })

  test('one call to train stops at the end of an epoch where another would not fit', async () => {
    const { jobRun } = recordedRun(100, 3)
    const progress = await advance(jobRun(), { budgetMs: 0, state: 'epoch' })
    assert.deepEqual([progress.epochs.length, progress.epoch, progress.step, progress.state?.epoch], [1, 1, 0, 1])
  })

  test('one call to train goes on from a step in the middle of an epoch', async () => {
    const { calls, jobRun } = recordedRun(100, 1)
    const travelled = jobRun({ epoch: 0, step: 40 })
    await travelled.run.run(40)
    await advance(travelled, { budgetMs: 60_000, state: 'never' })
    assert.deepEqual(calls, ['run 40', 'run 60', 'evaluate'])
  })

  test('one call to train ends with a loss that is not finite, and with what was learned by then', async () => {
    const { jobRun } = recordedRun(10, 5, { divergesIn: 2 })
    const progress = await advance(jobRun(), { budgetMs: 60_000, state: 'epoch' })
    assert.deepEqual([progress.epochs.length, progress.ended, progress.state?.epoch], [2, true, 2])
  })
})

describe('the size of a chunk', () => {
  test('the size of a chunk starts small where a step is much work, and never exceeds what is left', () => {
    assert.equal(createPace({ targetMs: 200, flops: 1e9 }).steps(1000), 1)
    assert.equal(createPace({ targetMs: 200, flops: 0 }).steps(7), 7)
  })

  test('the size of a chunk shrinks at once when steps turn out slow, and grows when they turn out fast', () => {
    const pace = createPace({ targetMs: 200, flops: 0 })
    pace.measured(10, 1000)
    assert.equal(pace.steps(1000), 2)
    for (let chunk = 0; chunk < 20; chunk++) pace.measured(10, 1)
    assert.ok(pace.steps(1000) > 500)
  })
})
