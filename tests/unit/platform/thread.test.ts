import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createThread } from '../../../src/platform/thread.ts'

const entry = new URL('../../support/hanging.thread.ts', import.meta.url)

it('a thread that is ended fails what it was asked, and the next request starts another', async () => {
  const thread = createThread<string, string>(entry)
  assert.equal(await thread.ask('first'), 'first')
  const hanging = [thread.ask('hang'), thread.ask('behind it')]
  thread.end()
  for (const one of hanging) await assert.rejects(one, /was ended/)
  assert.equal(await thread.ask('next'), 'next')
})

it('a thread that does not answer in time is ended', async () => {
  await assert.rejects(createThread<string, string>(entry, { timeoutMs: 20 }).ask('hang'), /no answer within 20 ms/)
})
