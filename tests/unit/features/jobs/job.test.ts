import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { etaSeconds } from '../../../../src/features/jobs/job.ts'

describe('the time that is left to a job', () => {
  it('the time that is left to a job follows from the finished share and the seconds that it took', () => {
    assert.equal(etaSeconds({ status: 'running', fraction: 0.25, seconds: 10 }), 30)
  })
  it('the time that is left to a job is not known before anything is finished, and nothing afterwards', () => {
    assert.equal(etaSeconds({ status: 'running', fraction: 0, seconds: 0 }), null)
    assert.equal(etaSeconds({ status: 'failed', fraction: 0.5, seconds: 10 }), 0)
  })
})
