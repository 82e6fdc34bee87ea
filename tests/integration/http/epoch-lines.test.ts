/** The epochs of a long job as CSV and NDJSON, beside the JSON. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { storeDataset, storeJob } from '../../support/jobs.ts'

let api: TestApi
let long: string
before(async () => {
  api = await openTestApi()
  long = await storeJob(api.bench.database, await storeDataset(api.bench.database), { status: 'succeeded', epochs: 4500 })
  await api.bench.database.prisma.job.update({ where: { id: long }, data: { epoch: 4500 } })
  await api.bench.database.prisma.$executeRaw`
    insert into "Epoch" ("jobId", epoch, loss, "batchLoss", "validationLoss", "learningRate", "gradientNorm", seconds, metrics)
    select ${long}, n, case n when 2 then 'NaN'::float8 else 1 / (n * 3e6::float8) end, 1e25 * n, null, 1e-7, 'Infinity', 0.1 * n,
      jsonb_build_object('mae', case n when 4000 then '"-Infinity"'::jsonb else to_jsonb(1 / n::float8) end, 'r2', 0.5)
    from generate_series(1, 4500) as n`
})
after(() => api.close())

const asked = (query: string, accept?: string) => api.get(`/v1/jobs/${long}/epochs${query}`, accept ? { accept } : {})

test('epochs as NDJSON and as CSV have the numbers of all epochs that the JSON has, each in a line', async () => {
  const { data } = (await asked('')).body
  const ndjson: string = (await asked('?format=ndjson')).body
  assert.ok(ndjson.endsWith('}\n'))
  assert.deepEqual(
    ndjson
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    data,
  )
  const csv = await asked('', 'text/csv')
  assert.deepEqual(
    [csv.headers['content-type'], csv.headers['content-disposition'], csv.headers.vary],
    ['text/csv; charset=utf-8', `attachment; filename="${long}-epochs.csv"`, 'Accept'],
  )
  const [head, ...lines] = (csv.body as string).trimEnd().split('\n')
  assert.equal(head, 'epoch,loss,batchLoss,validationLoss,learningRate,gradientNorm,seconds,r2,mae')
  const cell = (value: string) => (value === '' ? null : /^-?[IN]/.test(value) ? value : Number(value))
  assert.equal(lines.length, 4500)
  assert.deepEqual(
    lines.map((line) => line.split(',').map(cell)),
    data.map(({ metrics, ...fields }: { metrics: object }) => [...Object.values(fields), ...Object.values(metrics)]),
  )
})

test('epochs as lines are read by range and thinned out as the JSON is, and without any a CSV has its header alone', async () => {
  const numbers = async (query: string) =>
    [...((await asked(query)).body as string).matchAll(/^(\d+),/gm)].map(([, epoch]) => Number(epoch))
  assert.deepEqual(await numbers('?format=csv&from=1999&to=2002'), [1999, 2000, 2001, 2002])
  const { data } = (await asked('?maxPoints=9')).body
  assert.deepEqual(
    await numbers('?format=csv&maxPoints=9'),
    data.map(({ epoch }: { epoch: number }) => epoch),
  )
  assert.equal((await asked('?format=csv&from=4501')).body, 'epoch,loss,batchLoss,validationLoss,learningRate,gradientNorm,seconds\n')
  assert.equal((await asked('?format=ndjson&from=4501')).body, '')
})

test('`format` goes before Accept; a format that is not there is a 422 or a 406 that lists those that are, a job of others a 404', async () => {
  assert.ok(Array.isArray((await asked('?format=json&to=1', 'text/csv')).body.data))
  assert.match((await asked('', 'application/jsonl')).headers['content-type'] ?? '', /^application\/x?-?jsonl/)
  const [wrong] = assertProblem(await asked('?format=xls'), 422, 'VALIDATION_FAILED')
  assert.deepEqual([wrong?.path, /csv.*ndjson/.test(wrong?.message ?? '')], ['/format', true])
  const [refused] = assertProblem(await asked('', 'image/png'), 406, 'NOT_ACCEPTABLE')
  assert.match(refused?.message ?? '', /application\/json, text\/csv, application\/x-ndjson/)
  assertProblem(await asked('?format=csv&from=4501&to=4502'), 404, 'NOT_FOUND')
  const foreign = await storeJob(api.bench.database, await storeDataset(api.bench.database, { tenant: 'other' }), { tenant: 'other' })
  for (const format of ['csv', 'ndjson']) assertProblem(await api.get(`/v1/jobs/${foreign}/epochs?format=${format}`), 404, 'NOT_FOUND')
})
