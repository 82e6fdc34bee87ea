import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { EventResource } from '../../../src/api/event.schema.ts'
import { toEventStream, writeEvents } from '../../../src/http/event-stream.ts'

it('a client that leaves what it was sent unread for half a minute is cut off, and one that reads slowly is not', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  const page: EventResource[] = [{ seq: 1, type: 'warning', at: '2026-11-26T10:00:00.000Z', data: { message: 'x'.repeat(500_000) } }]
  let stalls = 0
  let given = 0
  async function* pages() {
    while (given < 3) {
      given += 1
      yield page
    }
  }
  const client = new PassThrough({ highWaterMark: 1000 })
  toEventStream(pages(), writeEvents, () => {
    stalls += 1
  }).pipe(client)
  const settle = async (): Promise<void> => {
    for (let at = 0; at < 20; at++) await turn()
  }
  for (let at = 0; at < 5; at++) {
    await settle()
    context.mock.timers.tick(29_000)
    assert.ok(client.read())
  }
  await settle()
  assert.deepEqual([stalls, given], [0, 1], 'no more is read than a few pieces ahead')
  context.mock.timers.tick(30_000)
  assert.equal(stalls, 1)
})
