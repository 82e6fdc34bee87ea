import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { downsample } from '../../../../src/features/jobs/downsample.ts'
import { atOnce } from '../../../../src/features/slices.ts'

const noisy = Array.from({ length: 1000 }, (_, at) => Math.exp(-at / 100) + (at === 617 ? 5 : 0))

describe('downsample', () => {
  it('downsample keeps everything where there is little', () => {
    assert.deepEqual(atOnce(downsample([3, 1, 2], 3)), [0, 1, 2])
    assert.deepEqual(atOnce(downsample([], 5)), [])
  })

  it('downsample keeps both ends and a lonely peak', () => {
    const picked = atOnce(downsample(noisy, 20))
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
    for (const count of [1, 2, 3, 7, 999, 1000]) assert.equal(atOnce(downsample(noisy, count)).length, count)
    assert.deepEqual(atOnce(downsample(noisy, 1)), [999])
    assert.deepEqual(atOnce(downsample(noisy, 2)), [0, 999])
  })

  it('lives with losses that are not finite', () => {
    const picked = atOnce(downsample([1, Number.NaN, Number.POSITIVE_INFINITY, 2, 3, 4], 4))
    assert.equal(picked.length, 4)
    assert.ok(picked.includes(0) && picked.includes(5))
  })
})
