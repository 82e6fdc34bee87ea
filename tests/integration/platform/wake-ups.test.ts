import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { after, afterEach, before, describe, it } from 'node:test'
import { createWakeUps, type WakeUps } from '../../../src/platform/queue/wake-ups.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'
import { startRedis, type TestRedis } from '../../support/redis.ts'
import { openProxy } from '../../support/tcp-proxy.ts'

/** A handler's progress, to be waited for by id. */
const createWitness = () => {
  const events = new EventEmitter()
  const started: string[] = []
  return {
    started,
    hear: (id: string): void => {
      started.push(id)
      events.emit(id)
    },
    until: async (id: string): Promise<void> => {
      if (!started.includes(id)) await once(events, id)
    },
  }
}

const aborted = (signal: AbortSignal): Promise<unknown> => (signal.aborted ? Promise.resolve() : once(signal, 'abort'))

let database: TestDatabase
let redis: TestRedis
before(async () => {
  database = await createTestDatabase()
  redis = await startRedis()
})
after(async () => {
  await database?.close()
  await redis?.stop()
})

for (const backend of ['postgres', 'redis'] as const) {
  describe(`wake-ups on ${backend}`, () => {
    const open: WakeUps[] = []
    const errors: Error[] = []
    let tests = 0
    let queue = ''

    const wakeUps = async (): Promise<WakeUps> => {
      const redisUrl = backend === 'redis' ? redis.url : undefined
      const created = await createWakeUps({ databaseUrl: database.url, redisUrl, onError: (error) => errors.push(error) })
      open.push(created)
      while (!created.isReachable()) await new Promise((done) => setTimeout(done, 5))
      queue = `test-${process.pid}-${tests++}`
      return created
    }
    afterEach(async () => {
      await Promise.all(open.splice(0).map((one) => one.close()))
      errors.length = 0
    })

    it(`a wake-up on ${backend} is heard with the id that it was rung for, in another process too`, async () => {
      const [notifying, listening] = [await wakeUps(), await wakeUps()]
      const witness = createWitness()
      listening.listen(queue, { concurrency: 1 }, async (id, signal) => {
        assert.equal(signal.aborted, false)
        witness.hear(id)
      })
      assert.equal(await notifying.notify(queue, 'job_1'), true)
      await witness.until('job_1')
    })

    it(`a wake-up on ${backend} waits for a listener, and may be sent for one id as often as one likes`, async () => {
      const one = await wakeUps()
      assert.equal(await one.waiting(queue), 0)
      for (let times = 0; times < 3; times++) assert.equal(await one.notify(queue, 'job_1'), true)
      assert.equal(await one.waiting(queue), 3)
      const witness = createWitness()
      one.listen(queue, { concurrency: 1 }, async (id) => witness.hear(`${id} ${witness.started.length}`))
      await witness.until('job_1 2')
      assert.equal(await one.waiting(queue), 0)
    })

    it(`a wake-up on ${backend} is heard no more than once, whatever its handler does`, async () => {
      const one = await wakeUps()
      const witness = createWitness()
      one.listen(queue, { concurrency: 1 }, async (id) => {
        witness.hear(id)
        if (id === 'bad') throw new Error('the handler failed')
      })
      await one.notify(queue, 'bad')
      await one.notify(queue, 'good')
      await witness.until('good')
      assert.deepEqual(witness.started, ['bad', 'good'])
      assert.ok(errors.some((error) => error.message === 'the handler failed'))
    })

    it(`a wake-up on ${backend} is answered by as many handlers at a time as were asked for, and no more`, async () => {
      const one = await wakeUps()
      const witness = createWitness()
      const release = new EventEmitter()
      let running = 0
      let most = 0
      one.listen(queue, { concurrency: 2 }, async (id) => {
        most = Math.max(most, ++running)
        const released = once(release, id)
        witness.hear(id)
        await released
        running--
      })
      for (const id of ['a', 'b', 'c']) await one.notify(queue, id)
      await Promise.all([witness.until('a'), witness.until('b')])
      assert.equal(await one.waiting(queue), 1)
      release.emit('a')
      await witness.until('c')
      assert.equal(most, 2)
      release.emit('b')
      release.emit('c')
    })

    it(`a wake-up on ${backend} is left to others while its listener pauses`, async () => {
      const one = await wakeUps()
      const witness = createWitness()
      const listener = one.listen(queue, { concurrency: 1 }, async (id) => witness.hear(id))
      await one.notify(queue, 'before')
      await witness.until('before')
      await listener.pause()
      await one.notify(queue, 'while')
      const other = createWitness()
      const helper = one.listen(queue, { concurrency: 1 }, async (id) => other.hear(id))
      await other.until('while')
      await helper.close()
      await listener.resume()
      await one.notify(queue, 'after')
      await witness.until('after')
      assert.deepEqual(witness.started, ['before', 'after'])
    })

    it(`a wake-up on ${backend} tells running handlers when its listener closes, and waits for them`, async () => {
      const one = await wakeUps()
      const witness = createWitness()
      let handedBack = false
      const listener = one.listen(queue, { concurrency: 1 }, async (id, signal) => {
        witness.hear(id)
        await aborted(signal)
        handedBack = true
      })
      await one.notify(queue, 'long')
      await one.notify(queue, 'next')
      await witness.until('long')
      await listener.close()
      assert.equal(handedBack, true)
      assert.deepEqual(witness.started, ['long'])
      assert.equal(await one.waiting(queue), 1)
    })
  })
}

describe('wake-ups on an empty PostgreSQL', () => {
  it('the queue on an empty PostgreSQL makes its tables once, however many processes start at the same time', async () => {
    const empty = await createTestDatabase({ empty: true })
    try {
      const wakeUps = await Promise.all([1, 2, 3].map(() => createWakeUps({ databaseUrl: empty.url })))
      assert.deepEqual(await Promise.all(wakeUps.map((one) => one.notify('queue', 'id'))), [true, true, true])
      assert.equal(await wakeUps[0]?.waiting('queue'), 3)
      await Promise.all(wakeUps.map((one) => one.close()))
    } finally {
      await empty.close()
    }
  })
})

describe('wake-ups while Redis is away', () => {
  it('wake-ups while Redis is away refuse to be sent instead of waiting, and arrive again once Redis is back', async () => {
    const proxy = await openProxy(redis.url)
    const one = await createWakeUps({ databaseUrl: database.url, redisUrl: proxy.url })
    const queue = `outage-${process.pid}`
    const witness = createWitness()
    one.listen(queue, { concurrency: 1 }, async (id) => witness.hear(id))
    /** What the reconciler does: sends wake-ups until one arrives. */
    const insist = async (id: string): Promise<void> => {
      while (!(await one.notify(queue, id))) await new Promise((done) => setTimeout(done, 20))
      await witness.until(id)
    }
    try {
      await insist('before')
      proxy.cut()
      while (one.isReachable()) await new Promise((done) => setTimeout(done, 5))
      assert.equal(await one.notify(queue, 'lost'), false)
      assert.equal(await one.waiting(queue), 0)
      proxy.restore()
      await insist('after')
      assert.deepEqual(witness.started, ['before', 'after'])
    } finally {
      await one.close()
      await proxy.close()
    }
  })

  it('open, refuse to be sent, and work as soon as Redis is there', async () => {
    const proxy = await openProxy(redis.url)
    proxy.cut()
    const one = await createWakeUps({ databaseUrl: database.url, redisUrl: proxy.url })
    const queue = `late-${process.pid}`
    const witness = createWitness()
    one.listen(queue, { concurrency: 1 }, async (id) => witness.hear(id))
    try {
      assert.equal(await one.notify(queue, 'lost'), false)
      proxy.restore()
      while (!(await one.notify(queue, 'heard'))) await new Promise((done) => setTimeout(done, 20))
      await witness.until('heard')
      assert.deepEqual(witness.started, ['heard'])
    } finally {
      await one.close()
      await proxy.close()
    }
  })

  it('wake-ups while Redis is away closes', async () => {
    const proxy = await openProxy(redis.url)
    proxy.cut()
    const one = await createWakeUps({ databaseUrl: database.url, redisUrl: proxy.url })
    one.listen('queue', { concurrency: 1 }, async () => {})
    await one.notify('queue', 'lost')
    await one.close()
    await proxy.close()
  })
})
