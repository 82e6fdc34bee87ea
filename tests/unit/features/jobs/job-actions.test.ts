import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canMove, isTerminal, jobStatuses } from '../../../../src/contracts/job-status.ts'
import { etaSeconds } from '../../../../src/features/jobs/job.ts'
import { type JobAction, statusAfter } from '../../../../src/features/jobs/job-actions.ts'

const actions: JobAction[] = ['cancel', 'pause', 'resume']

describe('what a client may do to a job', () => {
  it('never moves a job where the state machine has no way', () => {
    for (const action of actions)
      for (const status of jobStatuses) {
        const next = statusAfter(action, status)
        assert.ok(next === null || next === status || canMove(status, next), `${action}: ${status} to ${next}`)
      }
  })

  it('is nothing once it is finished', () => {
    for (const action of actions) for (const status of jobStatuses.filter(isTerminal)) assert.equal(statusAfter(action, status), null)
  })

  it('is always to cancel it before', () => {
    for (const status of jobStatuses.filter((one) => !isTerminal(one))) assert.match(statusAfter('cancel', status) ?? '', /^cancel/)
  })
})

describe('the time that is left', () => {
  it('follows from the finished share and the seconds that it took', () => {
    assert.equal(etaSeconds({ status: 'running', fraction: 0.25, seconds: 10 }), 30)
  })
  it('is not known before anything is finished, and nothing afterwards', () => {
    assert.equal(etaSeconds({ status: 'running', fraction: 0, seconds: 0 }), null)
    assert.equal(etaSeconds({ status: 'failed', fraction: 0.5, seconds: 10 }), 0)
  })
})
