/** What goes by itself: datasets with their last job, and what dead processes leave behind. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { encodeTime } from 'ulid'
import { removeUnusedDatasets } from '../../../src/features/datasets/unused-datasets.repository.ts'
import type { HousekeepingService } from '../../../src/features/housekeeping/housekeeping.service.ts'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { openHousekeeping } from '../../support/housekeeping.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
let housekeeping: HousekeepingService
before(async () => {
  api = await openTestApi()
  const { database } = api.bench
  housekeeping = openHousekeeping(database)
})
after(async () => {
  await housekeeping.close()
  await api.close()
})

const cancelAndRemove = async (id: string): Promise<void> => {
  await api.post(`/v1/jobs/${id}/cancel`)
  assert.equal((await api.remove(`/v1/jobs/${id}`)).status, 204)
}
const isStored = async (id: string): Promise<boolean> => (await api.bench.database.prisma.dataset.count({ where: { id } })) === 1
const upload = async (): Promise<string> => (await api.post('/v1/datasets', { features: [[1], [2]], labels: [[2], [4]] })).body.id

it('the dataset that came with a job goes with it', async () => {
  const job = await api.submit()
  assert.equal(await isStored(job.dataset.id), true)
  await cancelAndRemove(job.id)
  assert.equal(await isStored(job.dataset.id), false)
})

it('the dataset that came with a job stays while another job uses it, to train on or to validate with', async () => {
  const first = await api.submit()
  const { id } = first.dataset
  const second = await api.submit({ dataset: { id } })
  const third = await api.submit({ training: { epochs: 1, batchSize: 10, validationDataset: { id } } })
  for (const job of [first, second]) await cancelAndRemove(job.id)
  assert.equal(await isStored(id), true)
  await cancelAndRemove(third.id)
  assert.equal(await isStored(id), false)
})

it('the dataset that the jobs of a sweep share goes with the last of them', async () => {
  const { status, body } = await api.post('/v1/sweeps', { base: notebook(), grid: { 'optimizer.learningRate': [0.1, 0.2] } })
  assert.equal(status, 202, JSON.stringify(body))
  const jobs = await api.bench.database.prisma.job.findMany({ where: { sweepId: body.id }, orderBy: { id: 'asc' } })
  assert.equal(new Set(jobs.map(({ datasetId }) => datasetId)).size, 1)
  const [first, last] = jobs
  assert.ok(first && last)
  await cancelAndRemove(first.id)
  assert.equal(await isStored(first.datasetId), true)
  await cancelAndRemove(last.id)
  assert.equal(await isStored(first.datasetId), false)
})

it('a dataset that was made by itself stays when its jobs go', async () => {
  const id = await upload()
  const { body: made } = await api.post('/v1/datasets', {
    synthetic: { kind: 'linear', weights: [1], bias: 0, examples: 10, noiseStd: 0, seed: 1 },
  })
  for (const dataset of [{ id }, { id: made.id }]) await cancelAndRemove((await api.submit({ dataset })).id)
  assert.equal(await isStored(id), true)
  assert.equal(await isStored(made.id), true)
})

it('an upload that was deleted while a finished job referred to it goes with that job', async () => {
  const id = await upload()
  const job = await api.submit({ dataset: { id } })
  await api.post(`/v1/jobs/${job.id}/cancel`)
  assert.equal((await api.remove(`/v1/datasets/${id}`)).status, 204)
  assert.equal(await isStored(id), true, 'for the results of its job')
  assert.equal((await api.remove(`/v1/jobs/${job.id}`)).status, 204)
  assert.equal(await isStored(id), false)
})

it('a dataset that somebody is about to train on is left alone', async () => {
  const { database } = api.bench
  const job = await api.submit()
  await api.post(`/v1/jobs/${job.id}/cancel`)
  await database.transaction(async (tx) => {
    await tx.$queryRaw`select 1 from "Dataset" where id = ${job.dataset.id} for share`
    assert.equal((await api.remove(`/v1/jobs/${job.id}`)).status, 204)
  })
  assert.equal(await isStored(job.dataset.id), true)
  await housekeeping.tidy()
  assert.equal(await isStored(job.dataset.id), false)
})

it('keys that are too old and calls that nobody waits for are cleared away without another request, the others stay', async () => {
  const { prisma } = api.bench.database
  const old = new Date(Date.now() - 25 * 3600 * 1000)
  await prisma.idempotencyKey.createMany({
    data: Array.from({ length: 1200 }, (_, at) => ({
      tenant: 'default',
      key: `old ${at}`,
      fingerprint: '',
      status: 200,
      body: '',
      createdAt: old,
    })),
  })
  await prisma.idempotencyKey.create({ data: { tenant: 'default', key: 'new', fingerprint: '', status: 200, body: '' } })
  await prisma.inferenceRequest.createMany({
    data: [
      { id: 'call_dead', kind: 'sample', request: {}, createdAt: old },
      { id: 'call_answered', kind: 'sample', request: {}, response: {}, createdAt: old },
      { id: 'call_alive', kind: 'sample', request: {} },
    ],
  })
  // The service's own round may be at some of them just now.
  do await housekeeping.tidy()
  while ((await prisma.idempotencyKey.count()) > 1 || (await prisma.inferenceRequest.count()) > 1)
  assert.deepEqual(await prisma.idempotencyKey.findMany({ select: { key: true } }), [{ key: 'new' }])
  assert.deepEqual(await prisma.inferenceRequest.findMany({ select: { id: true } }), [{ id: 'call_alive' }])
})

it('nothing that is used is removed, whoever asks for it', async () => {
  const job = await api.submit()
  const id = await upload()
  assert.equal(await removeUnusedDatasets(api.bench.database.prisma, [job.dataset.id, id, null, 'ds_unknown']), 0)
})

it('jobs that ended longer ago than they are kept go with all that hangs on them, and sweeps once they are empty', async () => {
  const { prisma } = api.bench.database
  const days = 86_400_000
  const then = encodeTime(Date.now() - 40 * days, 10).toLowerCase()
  const old = (id: string) => id.replace(/^([a-z]+_)\w{10}/, `$1${then}`)
  const sweep = (await api.post('/v1/sweeps', { base: notebook({ metadata: { kept: 'no' } }), grid: { 'training.seed': [1, 2] } })).body
  const swept = await prisma.job.findMany({ where: { sweepId: sweep.id } })
  const [ended, late, waiting] = [await api.submit({ metadata: { kept: 'no' } }), await api.submit(), await api.submit()]
  for (const { id } of [ended, late, ...swept]) await api.post(`/v1/jobs/${id}/cancel`)
  await prisma.$executeRaw`update "Sweep" set id = ${old(sweep.id)} where id = ${sweep.id}`
  for (const { id } of [ended, late, waiting, ...swept]) {
    const finishedAt = { [late.id]: new Date(), [waiting.id]: null }[id]
    await prisma.$executeRaw`
      update "Job" set id = ${old(id)}, "finishedAt" = ${finishedAt === undefined ? new Date(Date.now() - 31 * days) : finishedAt} where id = ${id}`
    await prisma.$executeRaw`update "JobIndex" set id = ${old(id)} where id = ${id}`
    await prisma.$executeRaw`update "JobMetadata" set "jobId" = ${old(id)} where "jobId" = ${id}`
  }
  const keeping = openHousekeeping(api.bench.database, { retentionDays: 30 })
  await keeping.tidy()
  await keeping.tidy()
  await keeping.close()
  const kept = await prisma.job.findMany({ where: { id: { in: [ended, late, waiting, ...swept].map(({ id }) => old(id)) } } })
  assert.deepEqual(kept.map(({ id }) => id).toSorted(), [old(late.id), old(waiting.id)].toSorted())
  assert.equal(await prisma.sweep.count({ where: { id: old(sweep.id) } }), 0)
  assert.equal(await isStored(ended.dataset.id), false)
  assert.equal(await prisma.jobMetadata.count({ where: { jobId: old(ended.id) } }), 0)
  await prisma.job.deleteMany({ where: { id: { in: kept.map(({ id }) => id) } } })
})

it('a trainer that was closed long ago goes with all that it saved; one that is open stays', async () => {
  const { prisma } = api.bench.database
  const model = { layers: [{ type: 'dense', units: 1 }] }
  const open = async (): Promise<string> => String((await api.post('/v1/trainers', { inputShape: [2], model })).body.id)
  const [old, recent, kept] = [await open(), await open(), await open()]
  const longAgo = new Date(Date.now() - 31 * 86_400_000)
  for (const id of [old, recent]) assert.equal((await api.post(`/v1/trainers/${id}/close`)).status, 200)
  await prisma.trainer.update({ where: { id: old }, data: { closedAt: longAgo } })
  await prisma.trainer.update({ where: { id: kept }, data: { createdAt: longAgo, usedAt: longAgo } })
  await prisma.$executeRaw`insert into "TrainerCheckpoint" ("trainerId", name, version, steps, layout, values) values (${old}, 'a', 0, 0, '[]', '')`
  const keeping = openHousekeeping(api.bench.database, { retentionDays: 30 })
  await keeping.tidy()
  await keeping.close()
  const left = await prisma.trainer.findMany({ where: { id: { in: [old, recent, kept] } } })
  assert.deepEqual(left.map(({ id }) => id).toSorted(), [recent, kept].toSorted())
  assert.equal(await prisma.trainerCheckpoint.count({ where: { trainerId: old } }), 0)
})

it('counts of a tenant that were written past the rules are set right', async () => {
  const { prisma } = api.bench.database
  const tenant = () => prisma.tenant.findUniqueOrThrow({ where: { name: 'default' } })
  await api.submit()
  const { queued } = await tenant()
  await prisma.tenant.update({ where: { name: 'default' }, data: { queued: -5, running: 3 } })
  await housekeeping.tidy()
  await housekeeping.tidy()
  assert.deepEqual([(await tenant()).queued, (await tenant()).running], [queued, 0])
})
