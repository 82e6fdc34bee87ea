/** The inference child: replaced when it holds too much, and given no more time than a request has left. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { InferenceAnswer } from '../../../src/contracts/inference.ts'
import { createModelRepository } from '../../../src/features/inference/model.repository.ts'
import { createRequestRepository } from '../../../src/features/inference/request.repository.ts'
import { createLog } from '../../../src/platform/log.ts'
import { createInferenceProcessor, type InferenceProcessorOptions } from '../../../workers/inference/inference-processor.ts'
import type { InferenceMethods } from '../../../workers/inference/protocol.ts'
import { planOf } from '../../../workers/plan-of.ts'
import { ChildGone } from '../../../workers/rpc/child-host.ts'
import { type ChildPool, createChildPool, type Lent } from '../../../workers/rpc/child-pool.ts'
import { entryOf } from '../../support/entry.ts'
import { type LeaseBench, openLeaseBench } from '../../support/lease-bench.ts'

const entry = entryOf('workers/inference/inference.child.ts')
const log = createLog({ level: 'silent', name: 'test' })
const { signal } = new AbortController()

let bench: LeaseBench
let requests: ReturnType<typeof createRequestRepository>
before(async () => {
  bench = await openLeaseBench()
  requests = createRequestRepository(bench.database, { queue: 'inference', worker: randomUUID() })
})
after(() => bench.close())

type Parts = Pick<InferenceProcessorOptions, 'pool' | 'now'>

/** Takes a request and answers it. */
const answerer = (parts: Parts) => {
  const handle = createInferenceProcessor({ requests, models: createModelRepository(bench.database), planOf, log, ...parts })
  return async (id: string): Promise<void> => {
    const [taken] = await requests.take([id])
    assert.ok(taken, 'the request is free')
    await handle(taken, signal)
  }
}

const storeRequest = async (): Promise<string> => {
  const id = `call_${randomUUID()}`
  await bench.database.prisma.inferenceRequest.create({
    data: { id, kind: 'sample', request: { initializer: { type: 'ones' }, shape: [1, 2], seed: 1 } },
  })
  return id
}
const answerOf = async (id: string) =>
  (await bench.database.prisma.inferenceRequest.findUniqueOrThrow({ where: { id } })).response as InferenceAnswer | null

describe('the inference child', () => {
  const pidsAfterTwo = async (recycleAboveBytes: number): Promise<(number | undefined)[]> => {
    const children = createChildPool<InferenceMethods>({
      entry,
      env: () => process.env,
      size: 1,
      recycleAboveBytes,
      onError: (error) => assert.fail(error),
    })
    const pids: (number | undefined)[] = []
    const pool: Pick<ChildPool<InferenceMethods>, 'take'> = {
      take: async (taken) => {
        const lent = await children.take(taken)
        pids.push(lent?.child.pid)
        return lent
      },
    }
    const answer = answerer({ pool })
    for (let at = 0; at < 2; at++) {
      const id = await storeRequest()
      await answer(id)
      assert.equal((await answerOf(id))?.ok, true)
    }
    await children.close()
    return pids
  }

  test('the inference child is replaced after a request when it holds more than it may', async () => {
    const [first, second] = await pidsAfterTwo(1)
    assert.ok(first && second)
    assert.notEqual(first, second)
  })

  test('the inference child answers one request after the other while it holds less', async () => {
    const [first, second] = await pidsAfterTwo(2 ** 40)
    assert.equal(first, second)
  })
})

describe('an inference request whose first child died late', () => {
  test('an inference request whose first child died late gives the second child only the time that is left', async (context) => {
    let ms = 0
    const killed: number[] = []
    const dying = (method: string): Promise<never> => {
      if (method === 'answer') ms += 6000
      return Promise.reject(new ChildGone('died'))
    }
    // It hangs until it is killed.
    const hanging = () => {
      let end: (error: ChildGone) => void = () => {}
      const answer = new Promise<never>((_, reject) => {
        end = reject
      })
      const kill = async (): Promise<void> => {
        killed.push(ms)
        end(new ChildGone('killed'))
      }
      return { call: () => answer, kill }
    }
    const lent = [{ call: dying, kill: async () => {} }, hanging()].map((child) => ({ child, keep: () => {}, discard: async () => {} }))
    const take = async () => lent.shift() as unknown as Lent<InferenceMethods>
    const answer = answerer({ pool: { take }, now: () => ms })
    const id = await storeRequest()
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const answered = answer(id)
    while (lent.length > 0) await turn()
    await turn()
    context.mock.timers.tick(4000)
    await turn()
    context.mock.timers.reset()
    assert.equal(killed.length, 1, 'of the ten seconds six were gone')
    await answered
    const said = await answerOf(id)
    assert.ok(said && !said.ok && said.problem.code === 'ENGINE_TIMEOUT')
  })
})
