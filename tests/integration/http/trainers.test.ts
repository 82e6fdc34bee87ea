/** Trainers over HTTP, on a worker with its children: what they answer, that they end as jobs do, and that no death changes anything. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type Json, openTrainerBench, resultOf, step } from '../../support/trainers.ts'
import { notebook } from '../../support/worker.ts'

const { send, open, ask, done, parametersOf, weightsOfJob, worker, close } = await openTrainerBench()
after(close)

const valuesOf = (tensors: unknown): number[][] => (tensors as { values: number[] }[]).map(({ values }) => values)

describe('a trainer', { timeout: 180_000 }, () => {
  it('ends with the bits of the job that makes the same steps, though its process is killed in between', async () => {
    const id = await open()
    for (let seq = 1; seq <= 30; seq += 1) {
      if (seq % 10 === 5) for (const pid of worker.trainerPids()) process.kill(pid, 'SIGKILL')
      const { version } = await done(id, seq, step({ size: 10, epoch: 1, index: seq - 1 }))
      assert.equal(version, seq)
    }
    const { results } = await done(id, 31, [{ type: 'repeat', times: 270, operations: step() }, { type: 'evaluate' }])
    assert.equal(results?.[0]?.version, 300)
    assert.ok(Number(results?.[1]?.loss) < 1e-3)
    assert.deepEqual(await parametersOf(id), await weightsOfJob(notebook()))
  })

  it('answers the same request again, and no other under its number', async () => {
    const id = await open()
    const operations = [...step(), { type: 'parameters' }]
    const first = await done(id, 1, operations)
    assert.deepEqual(await done(id, 1, operations), first)
    assert.deepEqual((await send('GET', `/v1/trainers/${id}/operations/1`)).body, first)
    const turned = operations.map((operation) => Object.fromEntries(Object.entries(operation).reverse()))
    assert.notEqual(JSON.stringify(turned), JSON.stringify(operations))
    assert.deepEqual(await done(id, 1, turned), first)
    const other = await ask(id, 1, step({ size: 20 }))
    assert.equal(other.status, 409)
    assert.deepEqual(
      other.body.errors?.map(({ path }) => path),
      ['/seq'],
    )
    const gap = await ask(id, 3, operations)
    assert.equal(gap.status, 409)
    assert.match(gap.body.errors?.[0]?.message ?? '', /must be 2/)
    assert.equal((await done(id, 2, operations)).version, 2)
  })

  it('does nothing of a request of which something is wrong, and names the operation', async () => {
    const id = await open()
    const before = await parametersOf(id)
    for (const [wrong, path, status] of [
      [{ type: 'batch', rows: [0, 1000] }, '/operations/4/rows/1', 422],
      [{ type: 'batch', size: 10, epoch: 1, index: 100 }, '/operations/4/index', 422],
      [{ type: 'batch', features: [[1]] }, '/operations/4/features/0', 422],
      [{ type: 'batch' }, '/operations/4/type', 422],
      [{ type: 'update', deltas: [{ name: 'layers.0.weight', values: [1] }] }, '/operations/4/deltas/0/values', 422],
      [{ type: 'assign', values: [{ name: 'layers.7.weight', values: [1] }] }, '/operations/4/values/0/name', 422],
      [{ type: 'backward', outputGradients: { shape: [10, 1], values: [] }, ifVersion: 0 }, '/operations/4/ifVersion', 409],
      [{ type: 'load', name: 'nothing' }, '/operations/4/name', 422],
      [{ type: 'clip' }, '/operations/4/type', 422],
      [{ type: 'gradients', names: ['layers.0.bia'] }, '/operations/4/names/0', 422],
      [{ type: 'repeat', times: 1e9, operations: step() }, '/operations/4/times', 422],
      [{ type: 'repeat', times: 100_000, operations: [...step(), ...step(), ...step()] }, '/operations/4', 422],
      [
        { type: 'repeat', times: 2, operations: [{ type: 'repeat', times: 2, operations: step() }] },
        '/operations/4/operations/0/type',
        422,
      ],
      [{ type: 'fly' }, '/operations/4/type', 422],
    ] as const) {
      const { status: got, body } = await ask(id, 1, [...step(), wrong])
      assert.equal(got, status, JSON.stringify(body))
      assert.equal(body.errors?.[0]?.path, path, JSON.stringify(body.errors))
    }
    assert.deepEqual(await parametersOf(id), before)
    assert.equal((await done(id, 1, step())).version, 1)
  })

  it('takes a loss and an optimizer of the client, and goes back to what it saved', async () => {
    const id = await open()
    const features = [
      [1, 2],
      [3, -1],
    ]
    const first = await done(id, 1, [{ type: 'save', name: 'start' }, { type: 'batch', features }, { type: 'forward' }])
    const { outputs, version } = resultOf(first, 2) as unknown as { outputs: { shape: number[]; values: number[] }; version: number }
    assert.deepEqual(outputs.shape, [2, 1])
    const outputGradients = { shape: outputs.shape, values: [1, 10] }
    const second = await done(id, 2, [{ type: 'backward', outputGradients, ifVersion: version }, { type: 'gradients' }])
    const gradients = valuesOf(resultOf(second, 1).gradients)
    assert.deepEqual(gradients, [[31, -8], [11]])
    const third = await done(id, 3, [
      { type: 'update', deltas: [{ name: 'layers.0.bias', values: [0.5] }] },
      { type: 'parameters', names: ['layers.0.bias'] },
    ])
    assert.deepEqual(valuesOf(resultOf(third, 1).parameters)[0], [0.5])
    assert.equal((await ask(id, 4, [{ type: 'backward', outputGradients, ifVersion: 0 }])).status, 409)
    const before = await parametersOf(id)
    await done(id, 4, [{ type: 'load', name: 'start' }, { type: 'parameters' }])
    assert.notDeepEqual(await parametersOf(id), before)
    const { checkpoints } = (await send('GET', `/v1/trainers/${id}`)).body as { checkpoints: Json[] }
    assert.deepEqual(
      checkpoints.map(({ name, version }) => ({ name, version })),
      [{ name: 'start', version: 0 }],
    )
  })

  it('rests while nobody needs it, wakes for the next request, and is closed and deleted', async () => {
    const id = await open({ idleSeconds: 1 })
    await done(id, 1, step())
    const parked = async (): Promise<boolean> => (await send('GET', `/v1/trainers/${id}`)).body.status === 'parked'
    while (!(await parked())) await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal((await done(id, 2, step())).version, 2)
    assert.equal((await send('POST', `/v1/trainers/${id}/close`)).body.status, 'closed')
    assert.equal((await ask(id, 3, step())).status, 409)
    assert.equal((await send('DELETE', `/v1/trainers/${id}`)).status, 204)
    assert.equal((await send('GET', `/v1/trainers/${id}`)).status, 404)
  })

  it('that takes long is asked for later', async () => {
    const id = await open()
    const { status } = await ask(id, 1, [{ type: 'repeat', times: 3000, operations: step() }], 0)
    assert.equal(status, 202)
    const { body } = await send('GET', `/v1/trainers/${id}/operations/1?wait=60`)
    assert.equal(body.version, 3000)
  })
})
