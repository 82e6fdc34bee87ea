import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { createJobWakeUps } from '../../../../src/features/jobs/job-wake-ups.service.ts'

/** Wake-ups as they are sent, with a clock that is turned by hand. */
const start = (context: TestContext) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const sent: string[] = []
  let unheard = 0
  let tell: (id: string | null) => void = () => {}
  const jobs = createJobWakeUps({
    notifications: {
      on: (_channel, handler) => {
        tell = handler
        return () => {}
      },
    },
    wakeUps: {
      notify: async (_queue, id) => {
        sent.push(id)
        return true
      },
      waiting: async () => unheard,
    },
    now: Date.now,
  })
  const pass = async (ms: number): Promise<void> => {
    context.mock.timers.tick(ms)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const leaveUnheard = (count: number): void => {
    unheard = count
  }
  return { ...jobs, sent, tell: (id: string | null) => tell(id), pass, leaveUnheard }
}

describe('wake-ups for jobs', () => {
  it('one stands for every job that is queued before a worker takes the first', (context) => {
    const { notify, sent, tell } = start(context)
    for (const id of ['a', 'b', 'c']) notify(id)
    assert.deepEqual(sent, ['a'])
    for (const id of ['a', 'b', 'c']) tell(id)
    notify('d')
    assert.deepEqual(sent, ['a', 'd'])
  })

  it('others follow while jobs wait and nobody has one left to hear', async (context) => {
    const { notify, sent, tell, pass, leaveUnheard } = start(context)
    notify('a')
    notify('b')
    tell('a')
    await pass(50)
    assert.deepEqual(sent, ['a', 'b'])
    leaveUnheard(1)
    await pass(50)
    assert.deepEqual(sent, ['a', 'b'])
    leaveUnheard(0)
    tell('b')
    await pass(500)
    assert.deepEqual(sent, ['a', 'b'])
  })

  it('a job that waits for something else holds nobody up, and is not asked after for ever', async (context) => {
    const { notify, sent, pass, leaveUnheard } = start(context)
    notify('a')
    leaveUnheard(1)
    for (let time = 0; time < 1100; time += 50) await pass(50)
    notify('b')
    assert.deepEqual(sent, ['a', 'b'])
  })
})
