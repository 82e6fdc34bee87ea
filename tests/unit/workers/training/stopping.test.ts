import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ChildFailure, ChildGone } from '../../../../workers/rpc/child-host.ts'
import { decideStop } from '../../../../workers/training/job-watch.ts'
import { closingFor } from '../../../../workers/training/processor.ts'

describe('what a job is asked to do', () => {
  const calm = { status: 'running', timedOut: false, released: false } as const

  test('what a job is asked to do is nothing while it runs', () => assert.equal(decideStop(calm), null))

  test('what a job is asked to do is told by its row, the clock and the worker', () => {
    assert.equal(decideStop({ ...calm, status: 'cancelling' }), 'cancel')
    assert.equal(decideStop({ ...calm, status: 'pausing' }), 'pause')
    assert.equal(decideStop({ ...calm, timedOut: true }), 'timeout')
    assert.equal(decideStop({ ...calm, released: true }), 'release')
    assert.equal(decideStop({ ...calm, status: null }), 'lost')
  })

  test('what a job is asked to do is the strongest wish where there are several', () => {
    assert.equal(decideStop({ status: null, timedOut: true, released: true }), 'lost')
    assert.equal(decideStop({ status: 'cancelling', timedOut: true, released: true }), 'cancel')
    assert.equal(decideStop({ status: 'pausing', timedOut: true, released: true }), 'timeout')
    assert.equal(decideStop({ status: 'pausing', timedOut: false, released: true }), 'pause')
  })
})

describe('what a failure makes of a job', () => {
  const failure = (message: string, code?: string) => new ChildFailure({ name: 'Error', message, code })

  test('a death of the child hands it back and is counted', () => {
    const closing = closingFor(new ChildGone('gone'))
    assert.ok(closing?.to === 'queued' && closing.crashed)
  })

  test('an error of the engine fails it, with the code that the engine gave', () => {
    const closing = closingFor(failure('conv9d has no kernel', 'OP_UNSUPPORTED'))
    assert.deepEqual(closing, { to: 'failed', code: 'OP_UNSUPPORTED', message: 'conv9d has no kernel' })
  })

  test('an unknown error fails it without showing internal text', () => {
    const closing = closingFor(failure('ENOENT /home/somebody/secret'))
    assert.ok(closing?.to === 'failed' && closing.code === 'INTERNAL' && !closing.message.includes('secret'))
  })

  test('too little memory is told as such', () => {
    const closing = closingFor(failure('Array buffer allocation failed'))
    assert.ok(closing?.to === 'failed' && closing.code === 'OUT_OF_MEMORY')
  })

  test('a failing database leaves it to the reconciler', () => assert.equal(closingFor(new Error('connection lost')), null))
})
