/** Trainers where no worker has any open: refused at once, not left waiting. */
import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { openTrainerBench, step } from '../../support/trainers.ts'

const { bench, worker, send, open, ask, done, close } = await openTrainerBench()
after(close)

it('trainers are refused while no worker opens any, and go on once one does', { timeout: 60_000 }, async () => {
  const id = await open()
  await done(id, 1, step())
  await worker.close()
  const without = bench.work({ trainerSlots: 0 })
  // Accepted or not before the worker said so.
  const create = () => send('POST', '/v1/trainers', { inputShape: [2], model: { layers: [{ type: 'dense', units: 1 }] } })
  for (const { status, body } of [await ask(id, 2, step()), await create()]) {
    assert.deepEqual([status, body.code], [409, 'TRAINERS_DISABLED'], JSON.stringify(body))
    assert.match(String(body.detail), /TRAINER_WORKERS=0/)
  }
  assert.equal((await send('GET', `/v1/trainers/${id}`)).body.lastSeq, 1)
  await without.close()
  bench.work({ trainerSlots: 1 })
  // What workers said stands for a moment.
  while ((await ask(id, 2, step())).status !== 200) await new Promise((resolve) => setTimeout(resolve, 100))
})
