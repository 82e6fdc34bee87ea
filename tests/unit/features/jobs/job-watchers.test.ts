/** What those share who wait for one job, by a clock that is turned by hand. */
import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { jobSteps } from '../../../../src/contracts/queue.ts'
import { createJobWatchers } from '../../../../src/features/jobs/job-watchers.ts'

const start = (context: TestContext) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  const read: string[] = []
  let tell: (step?: string) => void = () => assert.fail('nobody follows')
  let now = 0
  context.mock.method(performance, 'now', () => now)
  const { join } = createJobWatchers({
    jobs: {
      findWatched: async () => {
        read.push('job')
        return null
      },
    },
    results: {
      events: async (_id, { after }) => {
        read.push(`events after ${after}`)
        return []
      },
    },
    notifications: {
      follow: (_channel, _id, handler) => {
        tell = handler
        return () => {}
      },
    },
  })
  const pass = async (ms: number): Promise<void> => {
    now += ms
    context.mock.timers.tick(ms)
    await settle()
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  /** What `count` watchers heard so far, as how many heard how often. */
  const listen = (count: number, options?: { endOnly?: boolean }) => {
    const heard = Array.from({ length: count }, () => 0)
    const watchers = heard.map((_, at) => {
      const watcher = join('job_1', options)
      const wait = async (): Promise<void> => {
        while (await watcher.next({ timeoutMs: 1e9 })) heard[at] = (heard[at] ?? 0) + 1
      }
      void wait()
      return watcher
    })
    return { watchers, heard: () => [...new Set(heard)] }
  }
  return { join, read, pass, settle, listen, tell: (step?: string) => tell(step) }
}

describe('watchers of one job', () => {
  it('read its row and the page that they wait for once a change, and again after a while without one', async (context) => {
    const { read, listen, tell, pass } = start(context)
    const { watchers } = listen(30)
    const readAll = () => Promise.all(watchers.flatMap((watcher) => [watcher.job('ann'), watcher.events(7)]))
    await readAll()
    assert.deepEqual(read.splice(0), ['job', 'events after 7'])
    await readAll()
    assert.deepEqual(read.splice(0), [])
    tell()
    await readAll()
    assert.deepEqual(read.splice(0), ['job', 'events after 7'])
    await pass(250)
    await readAll()
    assert.deepEqual(read.splice(0), ['job', 'events after 7'])
    await Promise.all([watchers[0]?.job('bob'), watchers[1]?.events(6)])
    assert.deepEqual(read, ['job', 'events after 6'])
  })

  it('hear of every step where they are few, and only of what may be the end where that is all they want', async (context) => {
    const { listen, tell, settle } = start(context)
    const [any, end] = [listen(20), listen(20, { endOnly: true })]
    for (const step of [jobSteps.started, jobSteps.progress, jobSteps.progress]) {
      tell(step)
      await settle()
    }
    assert.deepEqual([any.heard(), end.heard()], [[3], [0]])
    tell()
    await settle()
    assert.deepEqual([any.heard(), end.heard()], [[4], [1]])
  })

  it('hear of progress twice a second at most where they are more than fifty, and of all else at once', async (context) => {
    const { listen, tell, pass, settle } = start(context)
    const { heard, watchers } = listen(51)
    for (let ms = 0; ms < 1000; ms += 50) {
      tell(jobSteps.progress)
      await pass(50)
    }
    assert.deepEqual(heard(), [3], 'at the start, after half a second and after a whole one')
    tell(jobSteps.progress)
    await settle()
    assert.deepEqual(heard(), [3])
    tell()
    await settle()
    assert.deepEqual(heard(), [4])
    await pass(2000)
    assert.deepEqual(heard(), [4], 'what was put off was told with the rest')
    watchers[0]?.leave()
    for (let at = 0; at < 3; at++) {
      tell(jobSteps.progress)
      await settle()
    }
    assert.deepEqual(heard(), [4, 7], 'fifty are no crowd; one has left')
  })
})
