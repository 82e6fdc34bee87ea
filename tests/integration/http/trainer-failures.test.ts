/** Trainers that no process can open, and requests that no process can do: whoever waits is told why, and they are closed as others are. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { openTrainerBench, step } from '../../support/trainers.ts'

const { bench, worker, send, open, ask, done, close } = await openTrainerBench()
after(close)

const classes = { model: { layers: [{ type: 'dense', units: 2 }] }, loss: { type: 'crossEntropy', ignoreIndex: 9 } }

describe('a trainer that cannot go on', { timeout: 180_000 }, () => {
  it('for its labels, which planning could not see, says so to every request', async () => {
    const features = [[1], [2], [3], [4]]
    const dataset = await send('POST', '/v1/datasets', { features, labels: [[0], [1], [5], [9]] })
    assert.equal(dataset.status, 201, JSON.stringify(dataset.body))
    const id = await open({ ...classes, dataset: { id: dataset.body.id } })
    for (const seq of [1, 1]) {
      const { status, body } = await ask(id, seq, step({ rows: [0] }))
      assert.equal(status, 409, JSON.stringify(body))
      assert.match(String(body.detail), /class indices from 0 to 1, or the ignoreIndex 9; the labels hold 5/)
    }
    const later = await send('GET', `/v1/trainers/${id}/operations/1`)
    assert.equal(later.status, 409, JSON.stringify(later.body))
    const parameters = await send('GET', `/v1/trainers/${id}/parameters`)
    assert.equal(parameters.status, 409, JSON.stringify(parameters.body))
    assert.match(String(parameters.body.detail), /the labels hold 5/)
    const shown = await send('GET', `/v1/trainers/${id}`)
    assert.equal((shown.body.error as { code: string }).code, 'LABEL_OUT_OF_RANGE')
    assert.equal((await send('POST', `/v1/trainers/${id}/close`)).body.status, 'closed')
    assert.equal((await send('DELETE', `/v1/trainers/${id}`)).status, 204)
  })

  it('for a fault of the service is tried again a few times, then its request fails; it goes on once the fault is gone', async () => {
    const id = await open()
    const operations = [...step(), { type: 'parameters' }]
    await done(id, 1, operations)
    const { prisma } = bench.database
    // What was done cannot be done again.
    const [kept] = await prisma.$queryRaw<
      { request: string }[]
    >`select request from "TrainerOperation" where "trainerId" = ${id} and seq = 1`
    await prisma.$executeRaw`update "TrainerOperation" set request = '[{"type":"clip","norm":1}]' where "trainerId" = ${id} and seq = 1`
    for (const pid of worker.trainerPids()) process.kill(pid, 'SIGKILL')
    const { status, body } = await ask(id, 2, operations)
    assert.equal(status, 500, JSON.stringify(body))
    assert.equal(body.detail, 'The trainer could not go on; the log of the worker says why')
    const parameters = await send('GET', `/v1/trainers/${id}/parameters`)
    assert.equal(parameters.status, 409, JSON.stringify(parameters.body))
    await prisma.$executeRaw`update "TrainerOperation" set request = ${kept?.request} where "trainerId" = ${id} and seq = 1`
    assert.equal((await done(id, 2, operations)).version, 2)
    assert.equal((await send('GET', `/v1/trainers/${id}`)).body.error, null)
  })

  it('is closed while a request waits, which is told so', async () => {
    const id = await open()
    const waiting = ask(id, 1, [{ type: 'repeat', times: 100_000, operations: step() }])
    while ((await send('GET', `/v1/trainers/${id}/operations/1?wait=0`)).status !== 202) await new Promise(setImmediate)
    assert.equal((await send('POST', `/v1/trainers/${id}/close`)).status, 200)
    assert.equal((await waiting).status, 409)
  })
})
