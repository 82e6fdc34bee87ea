import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { downsample } from '../../../../src/features/jobs/downsample.ts'

const noisy = Array.from({ length: 1000 }, (_, at) => Math.exp(-at / 100) + (at === 617 ? 5 : 0))

describe('downsample', () => {
  it('downsample keeps everything where there is little', () => {
    assert.deepEqual(downsample([3, 1, 2], 3), [0, 1, 2])
    assert.deepEqual(downsample([], 5), [])
  })

  it('downsample keeps both ends and a lonely peak', () => {
    const picked = downsample(noisy, 20)
    assert.equal(picked.length, 20)
    assert.equal(picked[0], 0)
    assert.equal(picked.at(-1), 999)
    assert.ok(picked.includes(617))
    assert.deepEqual(
      picked,
      [...new Set(picked)].sort((a, b) => a - b),
      'indices ascend without repeats',
    )
  })

  it('downsample gives as many points as asked for, down to one', () => {
    for (const count of [1, 2, 3, 7, 999, 1000]) assert.equal(downsample(noisy, count).length, count)
    assert.deepEqual(downsample(noisy, 1), [999])
    assert.deepEqual(downsample(noisy, 2), [0, 999])
  })

  it('lives with losses that are not finite', () => {
    const picked = downsample([1, Number.NaN, Number.POSITIVE_INFINITY, 2, 3, 4], 4)
    assert.equal(picked.length, 4)
    assert.ok(picked.includes(0) && picked.includes(5))
  })
})
