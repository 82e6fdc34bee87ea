/** What a worker hears of its job, in whatever order answers come: they are given by the test. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { HeldStatus } from '../../../../src/contracts/lifecycle.ts'
import { type Stop, watchJob } from '../../../../workers/training/job-watch.ts'

type Answer = (status: HeldStatus | null) => void

const watched = (context: TestContext) => {
  const asked: Answer[] = []
  const stops: (Stop | null)[] = []
  let wake: (id: string | null, step?: string) => void = () => {}
  const heartbeat = () => new Promise<HeldStatus | null>((resolve) => asked.push(resolve))
  const watch = watchJob({
    lease: { heartbeat } as unknown as Parameters<typeof watchJob>[0]['lease'],
    notifications: {
      on: (_: string, listener: typeof wake) => {
        wake = listener
        return () => {}
      },
    } as unknown as Parameters<typeof watchJob>[0]['notifications'],
    claim: { jobId: 'job_1', token: '' } as Parameters<typeof watchJob>[0]['claim'],
    signal: new AbortController().signal,
    timeoutMs: undefined,
    onChange: (stop) => stops.push(stop),
    onError: (error) => assert.fail(String(error)),
  })
  context.after(watch.close)
  return { watch, asked, stops, wake: (step?: string) => wake('job_1', step) }
}

test('a write’s older answer that comes late does not undo that the job is to be paused', async (context) => {
  const { watch, asked, stops, wake } = watched(context)
  watch.expectOwnWrite()
  wake()
  wake()
  asked[0]?.('pausing')
  await turn()
  watch.observe('running')
  assert.deepEqual(stops, ['pause'])
})

test('cancelling is never undone, whichever answer comes last', async (context) => {
  const { watch, asked, stops, wake } = watched(context)
  wake()
  watch.expectOwnWrite()
  watch.observe('cancelling')
  asked[0]?.('running')
  await turn()
  watch.expectOwnWrite()
  watch.observe('running')
  assert.deepEqual(stops, ['cancel'])
})

test('a job that is told to go on while it was pausing goes on', async (context) => {
  const { watch, stops } = watched(context)
  for (const status of ['pausing', 'running'] as const) {
    watch.expectOwnWrite()
    watch.observe(status)
  }
  assert.deepEqual(stops, ['pause', null])
})

test('a lost lease is lost, however old the answer', async (context) => {
  const { watch, asked, stops, wake } = watched(context)
  wake()
  watch.expectOwnWrite()
  watch.observe('running')
  asked[0]?.(null)
  await turn()
  assert.deepEqual(stops, ['lost'])
})

test('wake-ups during a heartbeat are answered by one after it', async (context) => {
  const { asked, stops, wake } = watched(context)
  for (let count = 0; count < 5; count++) wake()
  assert.equal(asked.length, 1)
  asked[0]?.('running')
  await turn()
  assert.equal(asked.length, 2)
  asked[1]?.('cancelling')
  await turn()
  assert.equal(asked.length, 2)
  assert.deepEqual(stops, ['cancel'])
})

test('heartbeats that hang hinder neither the next one nor, by their number, everybody else', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] })
  const { asked } = watched(context)
  for (let second = 0; second < 30; second++) context.mock.timers.tick(1000)
  assert.equal(asked.length, 3)
})

test('what is heard of the claim itself is asked after by nobody, and what else is heard at once', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const { asked, wake } = watched(context)
  wake('started')
  assert.equal(asked.length, 0)
  wake()
  assert.equal(asked.length, 1)
})

test('what happened before anybody listened is asked after within a quarter of a second, if the job lasts so long', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const [short, long] = [watched(context), watched(context)]
  context.mock.timers.tick(100)
  short.watch.close()
  context.mock.timers.tick(150)
  assert.deepEqual([short.asked.length, long.asked.length], [0, 1])
})
