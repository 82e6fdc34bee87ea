import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createTurns } from '../../../src/features/turns.ts'

it('those who want to go on at the same moment do so a few in each turn of the event loop, in order', async () => {
  const take = createTurns(3)
  const gone: number[] = []
  const all = Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((one) => take().then(() => gone.push(one))))
  await null
  await null
  assert.deepEqual(gone, [1, 2, 3])
  const after: number[] = []
  while (gone.length < 8) {
    await turn()
    after.push(gone.length)
  }
  await all
  assert.deepEqual(gone, [1, 2, 3, 4, 5, 6, 7, 8])
  for (const [at, count] of after.entries()) assert.ok(count - (after[at - 1] ?? 3) <= 3, `${after}`)
})
