/** An installation of an earlier commit opens with today's: what it stored reads the same, and what it had begun goes on. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { type Installation, installations, openInstallation } from '../../support/installations.ts'

/** As much of an answer as an older one said: newer ones may say more. */
const sameParts = (said: unknown, now: unknown): unknown => {
  if (Array.isArray(said) && Array.isArray(now)) return now.map((each, at) => sameParts(said[at], each))
  if (typeof said !== 'object' || said === null || typeof now !== 'object' || now === null) return now
  const answer = now as Record<string, unknown>
  return Object.fromEntries(Object.entries(said).map(([key, value]) => [key, sameParts(value, answer[key])]))
}

const says = (now: unknown, said: unknown, about: string): void => assert.deepEqual(sameParts(said, now), said, about)

/** The service's tolerance for the weights of whole runs. */
const isClose = (values: readonly number[], others: readonly number[]): boolean => {
  const largest = Math.max(1e-3, ...others.map(Math.abs))
  return values.length === others.length && values.every((value, at) => Math.abs(value - (others[at] ?? Number.NaN)) <= 1e-4 * largest)
}

/**
 * Batch normalization over two rows leaves little more than a sign of each value: whatever a later version rounds otherwise (a norm
 * summed in float64, Adam's squares in PyTorch's order) takes such a run elsewhere within an epoch, so its second half is that version's.
 */
const isSensitive = (request: object): boolean =>
  'model' in request && (request.model as { layers: { type: string }[] }).layers.some(({ type }) => type === 'batchNorm')

const tell = (left: Installation): void => {
  let api: TestApi
  before(async () => {
    api = await openTestApi({ stored: await openInstallation(left) })
  })
  after(() => api.close())

  const read = async (path: string) => {
    const { status, body } = await api.get(path)
    assert.equal(status, 200, `GET ${path}: ${JSON.stringify(body)}`)
    return body
  }
  const outcomeOf = async (id: string) => ({
    losses: (await read(`/v1/jobs/${id}/epochs`)).data.map(({ loss }: { loss: number }) => loss) as number[],
    weights: (await read(`/v1/jobs/${id}/weights`)).parameters as { name: string; values: number[] }[],
  })

  it('a database of an older version gives the same datasets', async () => {
    for (const { id, body, batch } of left.datasets) {
      says(await read(`/v1/datasets/${id}`), body, id)
      says(await read(`/v1/datasets/${id}/batch?batchSize=4&seed=1`), batch, id)
    }
  })

  it('a database of an older version shows the rows that it stored, one of its mini-batches among them', async () => {
    for (const { id, body } of left.datasets) {
      const { data, total } = await read(`/v1/datasets/${id}/rows?limit=1000`)
      assert.deepEqual([data.length, total], [body.rows, body.rows])
      const stored = new Set(data.map((row: object) => JSON.stringify(row)))
      const { rows } = await read(`/v1/datasets/${id}/batch?batchSize=4&seed=1`)
      assert.equal(rows.length, 4)
      for (const row of rows) assert.ok(stored.has(JSON.stringify(row)), `${id}: ${JSON.stringify(row)}`)
    }
  })

  it('a database of an older version gives the same results of every job that was over', async () => {
    for (const { id, body, epochs, gradients, events, weights } of left.jobs) {
      says(await read(`/v1/jobs/${id}`), body, id)
      says((await read(`/v1/jobs/${id}/epochs`)).data, epochs, id)
      says((await read(`/v1/jobs/${id}/gradients`)).data, gradients, id)
      says((await read(`/v1/jobs/${id}/events`)).data, events, id)
      if (weights) says(await read(`/v1/jobs/${id}/weights`), weights, id)
    }
    const { jobs } = await read(`/v1/sweeps/${left.sweep.id}`)
    says(jobs, left.sweep.points, 'the sweep')
  })

  it('a database of an older version has its jobs in the order of their losses', async () => {
    const finite = left.jobs.map(({ id, epochs }) => ({
      id,
      losses: (epochs as { loss: unknown }[]).map(({ loss }) => loss).filter((loss): loss is number => typeof loss === 'number'),
    }))
    for (const [of, choose] of [
      ['best', Math.min],
      ['max', Math.max],
    ] as const) {
      const expected = finite.filter(({ losses }) => losses.length > 0).map(({ id, losses }) => [id, choose(...losses)] as const)
      const listed: { id: string; sortedBy: { value: number } }[] = (await read(`/v1/jobs?sort=loss.${of}&limit=100`)).data
      const values = listed.map(({ sortedBy }) => sortedBy.value)
      assert.deepEqual(
        values,
        values.toSorted((one, other) => one - other),
      )
      const listedValues = new Map(listed.map(({ id, sortedBy }) => [id, sortedBy.value]))
      for (const [id, value] of expected) assert.equal(listedValues.get(id), value, `${id} ${of}`)
    }
  })

  it('a database of an older version answers a repeated request with the job of its first answer', async () => {
    const { key, request, id } = left.keyed
    // A day after the first request its key is forgotten, with today's version as with that one.
    await api.bench.database.prisma.$executeRaw`update "IdempotencyKey" set "createdAt" = now()`
    const { status, body } = await api.post('/v1/jobs', request, { 'idempotency-key': key })
    assert.deepEqual([status, body.id], [202, id])
  })

  it('a database of an older version goes on with every job that was not over, to the bits of one that nothing disturbed', async () => {
    api.bench.work()
    for (const { id, status } of left.unfinished)
      if (status === 'paused') assert.equal((await api.post(`/v1/jobs/${id}/resume`)).status, 200)
    for (const { name, id, request, epoch, losses, weights } of left.unfinished) {
      const { status, errorMessage } = await api.bench.ended(id)
      assert.equal(status, 'succeeded', `${name}: ${errorMessage}`)
      const outcome = await outcomeOf(id)
      assert.deepEqual(outcome.losses.slice(0, epoch), losses.slice(0, epoch), `${name}: what it had learned stays`)
      if (isSensitive(request)) {
        assert.equal(outcome.losses.length, losses.length, `${name}: every epoch is there`)
        continue
      }
      assert.ok(isClose(outcome.losses, losses), `${name}: ${outcome.losses} is not ${losses}`)
      for (const [at, tensor] of outcome.weights.entries())
        assert.ok(isClose(tensor.values, weights[at]?.values ?? []), `${name}: ${tensor.name} came out otherwise`)
      const { body: twin } = await api.post('/v1/jobs', request)
      assert.equal((await api.bench.ended(twin.id)).status, 'succeeded')
      const undisturbed = await outcomeOf(twin.id)
      assert.deepEqual(outcome.weights, undisturbed.weights, name)
      // A loss that an older version stored keeps that version's last digit.
      assert.deepEqual(outcome.losses.slice(epoch), undisturbed.losses.slice(epoch), name)
    }
  })

  it('a database of an older version goes on from where a job stood, not from its beginning', async () => {
    for (const { id, epoch } of left.unfinished.filter(({ status }) => status !== 'queued')) {
      const { data } = await read(`/v1/jobs/${id}/events`)
      const resumed = data.findLast(({ type }: { type: string }) => type === 'resumed')
      assert.equal(resumed.data.fromEpoch, epoch)
    }
  })
}

for (const installation of installations()) describe(`the installation of ${installation.name}`, () => tell(installation))
