/** What a tenant's datasets may come to. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { notebook } from '../../support/worker.ts'

const mib = 2 ** 20
let api: TestApi
before(async () => {
  api = await openTestApi({
    maxStoredBytes: mib,
    apiKeys: [
      { tenant: 'ann', secret: 'secret-of-ann' },
      { tenant: 'ben', secret: 'secret-of-ben' },
      { tenant: 'eve', secret: 'secret-of-eve' },
    ],
  })
})
after(() => api.close())

const as = (tenant: string) => ({ authorization: `Bearer secret-of-${tenant}` })
/** A CSV that is stored as so many bytes, its numbers those of `start` on. */
const file = (bytes: number, start = 0): string => `x\n${Array.from({ length: bytes / 4 }, (_, at) => start + at).join('\n')}\n`
const upload = (tenant: string, bytes: number, start?: number) =>
  api.post('/v1/datasets', file(bytes, start), { ...as(tenant), 'content-type': 'text/csv' })

it('a tenant that would store too much is told how much it has, and may go on once it has deleted some', async () => {
  const first = await upload('ann', 600 * 1024)
  assert.equal(first.status, 201)
  const refused = await upload('ann', 600 * 1024, 1)
  assertProblem(refused, 413, 'QUOTA_EXCEEDED')
  assert.match(refused.body.detail, /takes 0\.6 MiB; 0\.6 of 1\.0 MiB are taken/)
  assert.equal((await api.get('/v1/datasets', as('ann'))).body.data.length, 1)
  assert.equal((await upload('ben', 600 * 1024)).status, 201, 'another tenant has its own')
  const { body: made } = await api.post('/v1/datasets', { synthetic: { kind: 'linear', weights: [1], examples: 10 ** 7 } }, as('ann'))
  assert.equal(made.kind, 'synthetic', 'what workers generate takes nothing')
  assert.equal((await api.remove(`/v1/datasets/${first.body.id}`, as('ann'))).status, 204)
  assert.equal((await upload('ann', mib, 1)).status, 201)
})

it('the same bytes count for each dataset that has them', async () => {
  const { data } = (await api.get('/v1/datasets', as('ben'))).body
  assert.equal(data.length, 1)
  assertProblem(await upload('ben', 600 * 1024), 413, 'QUOTA_EXCEEDED')
})

it('uploads at the same time cannot store more together than each may alone', async () => {
  const { data } = (await api.get('/v1/datasets', as('ben'))).body
  for (const { id } of data) await api.remove(`/v1/datasets/${id}`, as('ben'))
  const answers = await Promise.all(Array.from({ length: 6 }, (_, at) => upload('ben', 300 * 1024, at)))
  const stored = answers.filter(({ status }) => status === 201).length
  assert.equal(stored, 3)
  for (const answer of answers.filter(({ status }) => status !== 201)) assertProblem(answer, 413, 'QUOTA_EXCEEDED')
})

it('predictions for datasets count as those do', async () => {
  const job = (await api.post('/v1/jobs', notebook(), as('eve'))).body
  api.bench.work()
  await api.bench.ended(job.id)
  const ask = (examples: number) => {
    const { dataset } = notebook()
    return api.post(`/v1/jobs/${job.id}/predictions`, { dataset: { synthetic: { ...dataset.synthetic, examples } } }, as('eve'))
  }
  const first = await ask(150 * 1024)
  assert.equal(first.status, 202)
  assertProblem(await ask(150 * 1024), 413, 'QUOTA_EXCEEDED')
  assertProblem(await upload('eve', 600 * 1024), 413, 'QUOTA_EXCEEDED')
  assert.equal((await api.remove(`/v1/predictions/${first.body.id}`, as('eve'))).status, 204)
  assert.equal((await upload('eve', 600 * 1024)).status, 201)
})

it('a large upload that does not fit is refused before any of it is stored', async () => {
  const chunks = await api.bench.database.prisma.chunk.count()
  assertProblem(await upload('ann', 10 * mib), 413, 'QUOTA_EXCEEDED')
  assert.equal(await api.bench.database.prisma.chunk.count(), chunks)
})
