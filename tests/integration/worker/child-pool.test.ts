/** Children are loaded before they are needed, used again, and replaced when they died or grew too large. */
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type ChildPool, createChildPool } from '../../../workers/rpc/child-pool.ts'
import type { Methods } from '../../../workers/rpc/messages.ts'
import { entryOf } from '../../support/entry.ts'

const spinning = entryOf('tests/support/spinning.child.ts')
const never = new AbortController().signal

const pools: ChildPool<Methods>[] = []
const open = (options: { entry?: string; size?: number; onError?: (error: Error) => void } = {}) => {
  const pool = createChildPool<Methods>({
    entry: spinning,
    env: () => process.env,
    size: 1,
    recycleAboveBytes: 1000,
    onError: () => {},
    ...options,
  })
  pools.push(pool)
  return pool
}
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())))

const takeFrom = async (pool: ChildPool<Methods>) => {
  const lent = await pool.take(never)
  assert.ok(lent)
  return lent
}

/** Kills the pool's only child while nobody has it; gives its process id. */
const killWaiting = async (pool: ChildPool<Methods>): Promise<number | undefined> => {
  const { child, keep } = await takeFrom(pool)
  keep(0)
  process.kill(child.pid ?? 0, 'SIGKILL')
  await child.exited
  return child.pid
}

test('a child serves one job after the other', async () => {
  const pool = open()
  const first = await takeFrom(pool)
  first.keep(999)
  assert.equal((await takeFrom(pool)).child.pid, first.child.pid)
})

test('a child that holds too much memory after a job is replaced', async () => {
  const pool = open()
  const first = await takeFrom(pool)
  first.keep(1001)
  const second = await takeFrom(pool)
  assert.notEqual(second.child.pid, first.child.pid)
  assert.throws(() => process.kill(first.child.pid ?? 0, 0), { code: 'ESRCH' })
})

test('a child that died while it waited is replaced', async () => {
  const pool = open()
  const killed = await killWaiting(pool)
  assert.notEqual((await takeFrom(pool)).child.pid, killed)
})

test('a child that died while it waited is replaced before anybody asks', async () => {
  const pool = open()
  const killed = await killWaiting(pool)
  while (pool.pids().length === 0) await setImmediate()
  assert.notDeepEqual(pool.pids(), [killed])
})

test('who waits longest gets the next child', async () => {
  const pool = open()
  const first = await takeFrom(pool)
  const order: string[] = []
  const waiting = ['a', 'b'].map(async (name) => {
    const lent = await takeFrom(pool)
    order.push(name)
    lent.keep(0)
  })
  first.keep(0)
  await Promise.all(waiting)
  assert.deepEqual(order, ['a', 'b'])
})

test('a child that does not start is reported and tried again, and whoever waits may give up', async () => {
  const givenUp = new AbortController()
  const pool = open({ entry: `${spinning}.missing`, onError: () => givenUp.abort() })
  assert.equal(await pool.take(givenUp.signal), null)
})
