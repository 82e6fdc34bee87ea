import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Cached } from '../../../../../workers/engine/graph/cache.ts'
import { createCache } from '../../../../../workers/engine/graph/cache.ts'
import type { Session } from '../../../../../workers/engine/graph/session.ts'
import { computationSize, keyOf, type Sessions } from '../../../../../workers/engine/graph/sessions.ts'
import { createSharedSessions } from '../../../../../workers/engine/trainer/shared-sessions.ts'
import { planJob } from '../../../../support/engine-jobs.ts'

const planOf = (rows: number) =>
  planJob(
    {
      model: { layers: [{ type: 'dense', units: 1 }] },
      loss: { type: 'mse' },
      optimizer: { type: 'sgd', learningRate: 0.1 },
      training: { epochs: 1, batchSize: 2, seed: 1 },
    },
    { features: Array.from({ length: rows }, (_, at) => [at, 1]), labels: Array.from({ length: rows }, (_, at) => [at]) },
  ).plan

/** Takers of graphs that count what is compiled. */
const open = () => {
  const compiled: string[] = []
  const cache = createCache<Session>(8)
  const sessions: Sessions = {
    isAtHand: (plan, size) => cache.has(keyOf(plan, size)),
    take: (plan, size) => {
      const make = (): Session => {
        compiled.push(keyOf(plan, size))
        return { run: () => [], close: () => {} }
      }
      return cache.take(keyOf(plan, size), { make, close: () => {} })
    },
  }
  const shared = createSharedSessions(sessions)
  const taker = (plan = planOf(4)) => {
    let held: Cached<Session> | undefined
    const giveBack = (): void => {
      held?.release()
      held = undefined
    }
    const use = (): Session => {
      held ??= shared.take(plan, computationSize(plan), giveBack)
      return held.value
    }
    return { use, giveBack, has: () => held !== undefined }
  }
  return { compiled, taker }
}

describe('graphs that trainers share', () => {
  it('is compiled once for fifty of a shape, which one has at a time', () => {
    const { compiled, taker } = open()
    const takers = Array.from({ length: 50 }, () => taker())
    for (const { use } of takers) use()
    assert.equal(compiled.length, 1)
    assert.deepEqual(
      takers.filter(({ has }) => has()),
      takers.slice(-1),
    )
  })

  it('is compiled for each of them if they go on taking turns', () => {
    const { compiled, taker } = open()
    const takers = Array.from({ length: 3 }, () => taker())
    for (let turn = 0; turn < 1000; turn += 1) for (const { use } of takers) use()
    assert.equal(compiled.length, 3)
    assert.equal(new Set(takers.map(({ use }) => use())).size, 3)
  })

  it('is not taken from another shape, nor where nobody has it any more', () => {
    const { compiled, taker } = open()
    const [one, other, third] = [taker(), taker(planOf(5)), taker()]
    one.use()
    other.use()
    assert.ok(one.has() && other.has())
    assert.equal(compiled.length, 2)
    one.giveBack()
    third.use()
    assert.ok(other.has() && !one.has())
    assert.equal(compiled.length, 2)
  })

  it('is compiled for each that has many rows', () => {
    const { compiled, taker } = open()
    const many = planOf(400_000)
    const [one, other] = [taker(many), taker(many)]
    one.use()
    other.use()
    assert.ok(one.has() && other.has())
    assert.equal(compiled.length, 2)
  })
})
