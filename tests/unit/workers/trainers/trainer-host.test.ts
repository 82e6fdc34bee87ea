/** What a host of trainers does with one whose child dies, or fails, again and again. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLog } from '../../../../src/platform/log.ts'
import { ChildFailure, ChildGone } from '../../../../workers/rpc/child-host.ts'
import { startTrainerHost, type TrainerHostOptions } from '../../../../workers/trainers/trainer-host.ts'

type Refused = { seq: number; code: string; detail: string }

/** A host of one trainer, whose request 1 waits; `fails` is what its child answers to a call, if that is to fail. `isAway`: whether the database is. */
const openHost = (fails: (method: string) => Error | undefined, isAway = () => false) => {
  let onRefused: (refused: Refused) => void = () => {}
  const refused = new Promise<Refused>((resolve) => {
    onRefused = resolve
  })
  const shown: { code: string; message: string }[] = []
  let calls = 0
  const killed: string[] = []
  const child = {
    pid: 1,
    isGone: () => false,
    ready: async () => {},
    kill: async () => {},
    call: async (method: string) => {
      if (method === 'open') calls += 1
      const error = fails(method)
      if (error) throw error
      return method === 'begin' ? { wantsRows: false } : { engine: null }
    },
  }
  const trainers = {
    beat: async () => {},
    leave: async () => {},
    waiting: async () => ['trn_1'],
    take: async () => ({
      id: 'trn_1',
      dataset: { kind: 'synthetic', spec: {} },
      engine: null,
      error: null,
      state: null,
      lastSeq: 0,
      idleSeconds: 60,
    }),
    work: async () => {
      if (isAway()) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
      return { seq: 1, request: '[]', wanted: false, lastSeq: 0 }
    },
    describe: async () => {},
    fail: async (_: string, error: (typeof shown)[number]) => void shown.push(error),
    refuse: async (_: string, seq: number, { code, detail }: Refused) => onRefused({ seq, code, detail }),
  }
  const waker = { wake: (_: string): void => {} }
  const host = startTrainerHost({
    trainers,
    children: {
      of: async () => child,
      forget: () => {},
      kill: async () => void killed.push('trn_1'),
      endIdle: () => {},
      close: async () => {},
    },
    notifications: {
      on: (_: string, listener: (id: string) => void) => {
        Object.assign(waker, { wake: listener })
        return () => {}
      },
    },
    planOf: async () => ({}),
    chunks: {},
    log: createLog({ level: 'silent', name: 'test' }),
  } as unknown as TrainerHostOptions)
  waker.wake('trn_1')
  return { refused, shown, opened: () => calls, killed, close: host.close }
}

const failure = (message: string, code?: string) => new ChildFailure({ name: 'Error', message, ...(code ? { code } : {}) })

describe('a host of trainers', { timeout: 60_000 }, () => {
  it('gives up a trainer whose process dies each time that it is opened', async () => {
    const { refused, shown, opened, close } = openHost((method) => (method === 'open' ? new ChildGone('exit code 1') : undefined))
    const { seq, code, detail } = await refused
    assert.deepEqual({ seq, code }, { seq: 1, code: 'UNAVAILABLE' })
    assert.match(detail, /died of opening the trainer again and again/)
    assert.deepEqual(
      shown.map((error) => error.code),
      ['WORKER_CRASHED'],
    )
    assert.equal(opened(), 5)
    await close()
  })

  it('gives up a request of which its process dies, but not the trainer', async () => {
    const { refused, shown, close } = openHost((method) => (method === 'run' ? new ChildGone('exit code 1') : undefined))
    assert.match((await refused).detail, /died of this request again and again/)
    assert.deepEqual(shown, [])
    await close()
  })

  it('takes a new process for what ran out of memory', async () => {
    const { refused, killed, close } = openHost((method) => (method === 'run' ? failure('out of memory') : undefined))
    assert.equal((await refused).code, 'UNAVAILABLE')
    assert.equal(killed.length, 5)
    await close()
  })

  it('tries what may pass with its next looks, and then gives up', async () => {
    const { refused, shown, opened, close } = openHost((method) => (method === 'begin' ? failure('something odd') : undefined))
    assert.equal((await refused).code, 'INTERNAL')
    assert.equal(shown[0]?.message.includes('odd'), false, 'nothing of the inside is told')
    assert.equal(opened(), 0)
    await close()
  })

  it('gives up a request that the database, which is there, does not take', async () => {
    const { refused, shown, close } = openHost((method) =>
      method === 'run' ? Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' }) : undefined,
    )
    const { code, detail } = await refused
    assert.equal(code, 'UNAVAILABLE')
    assert.match(detail, /The database gave up/)
    assert.deepEqual(shown, [])
    await close()
  })

  it('counts nothing while the database is away', async () => {
    let asked = 0
    const { refused, close } = openHost(
      (method) => (method === 'run' ? failure('the labels hold 5', 'LABEL_OUT_OF_RANGE') : undefined),
      () => {
        asked += 1
        return asked <= 14
      },
    )
    assert.equal((await refused).code, 'CONFLICT')
    assert.equal(asked > 14, true)
    await close()
  })

  it('does not try again what cannot pass', async () => {
    const { refused, opened, close } = openHost((method) =>
      method === 'open' ? failure('the labels hold 5', 'LABEL_OUT_OF_RANGE') : undefined,
    )
    assert.deepEqual(await refused, { seq: 1, code: 'CONFLICT', detail: 'The trainer cannot be opened: the labels hold 5' })
    assert.equal(opened(), 1)
    await close()
  })
})
