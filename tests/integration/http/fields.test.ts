/** `fields=` gives some fields of a resource, alone or in lists; what a client has already is an empty 304. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'

let api: TestApi
let paths: { one: string; list: string; fields: string[] }[]
before(async () => {
  api = await openTestApi()
  const config = {
    dataset: { synthetic: { kind: 'linear', weights: [2], bias: 1, examples: 10 } },
    model: { layers: [{ type: 'dense', units: 1 }] },
  }
  const { id: job } = await api.submit(config)
  const { id: trained } = await api.submit(config)
  await api.bench.database.prisma.job.update({ where: { id: trained }, data: { status: 'succeeded', epoch: 1 } })
  const { body: prediction } = await api.post(`/v1/jobs/${trained}/predictions`, { dataset: config.dataset })
  const { body: dataset } = await api.post('/v1/datasets', { features: [[1], [2]], labels: [[1], [2]] })
  const { body: sweep } = await api.post('/v1/sweeps', {
    base: { ...config, training: { epochs: 1 } },
    grid: { 'training.batchSize': [1, 2] },
  })
  paths = [
    { one: `/v1/jobs/${job}`, list: '/v1/jobs', fields: ['id', 'status', 'config'] },
    { one: `/v1/datasets/${dataset.id}`, list: '/v1/datasets', fields: ['id', 'rows'] },
    { one: `/v1/sweeps/${sweep.id}`, list: '/v1/sweeps', fields: ['id', 'grid'] },
    { one: `/v1/predictions/${prediction.id}`, list: '/v1/predictions', fields: ['id', 'progress', 'metrics'] },
  ]
})
after(() => api.close())

const some = (whole: Record<string, unknown>, fields: string[]) => Object.fromEntries(fields.map((name) => [name, whole[name]]))

describe('fields', () => {
  it('fields= gives the named fields of a job, a dataset, a sweep and a prediction, alone and in lists, and nothing else', async () => {
    for (const { one, list, fields } of paths) {
      const query = `fields=${fields.join(',')}`
      assert.deepEqual((await api.get(`${one}?${query}`)).body, some((await api.get(one)).body, fields))
      assert.match((await api.get(`${one}?${query}`)).headers['content-type'] ?? '', /^application\/vnd\.trainyard\.fields\+json\b/)
      const [page, whole] = [(await api.get(`${list}?${query}&limit=1`)).body, (await api.get(`${list}?limit=1`)).body]
      assert.deepEqual(page, { ...whole, data: whole.data.map((entry: Record<string, unknown>) => some(entry, fields)) })
    }
  })

  it('fields= with a name that does not exist is a problem that lists those that do', async () => {
    for (const { one, list } of paths)
      for (const path of [one, list])
        for (const query of ['id,colour', '', ',', 'id,__proto__']) {
          const errors = assertProblem(await api.get(`${path}?fields=${query}`), 422, 'VALIDATION_FAILED')
          assert.deepEqual(new Set(pathsOf(errors)), new Set(['/fields']))
          if (query !== '') assert.match(errors[0]?.message ?? '', /is none of the fields id, /)
        }
  })

  it('fields= goes with a filter by metadata in the list of datasets', async () => {
    const table = { features: [[1], [2]], labels: [[1], [2]] }
    const ids: string[] = []
    for (const metadata of [{ project: 'a', run: 7 }, { project: 'a', run: '8' }, { project: 'b' }])
      ids.push((await api.post('/v1/datasets', { ...table, metadata })).body.id)
    const found = async (query: string) =>
      (await api.get(`/v1/datasets?fields=id&${query}`)).body.data.map(({ id }: { id: string }) => ids.indexOf(id))
    assert.deepEqual(await found('metadata[project]=a'), [1, 0])
    assert.deepEqual(await found('metadata[project]=a&metadata[run]=7'), [0])
    assert.deepEqual(await found('metadata[project]=a&metadata[run]=8'), [1])
    assert.deepEqual(await found('metadata[project]=c'), [])
    assertProblem(await api.get('/v1/datasets?project=a'), 422, 'VALIDATION_FAILED')
  })

  for (const what of ['job', 'dataset', 'sweep', 'prediction'])
    it(`fields= makes another answer of a ${what}, with another tag`, async () => {
      const one = paths.find(({ one }) => one.includes(`/v1/${what}s/`))?.one ?? ''
      const whole = (await api.get(one)).headers.etag ?? ''
      const { headers } = await api.get(`${one}?fields=id`)
      assert.notEqual(headers.etag, whole)
      assert.equal((await api.get(`${one}?fields=id`, { 'if-none-match': headers.etag ?? '' })).status, 304)
      assert.equal((await api.get(`${one}?fields=id`, { 'if-none-match': whole })).status, 200)
    })
})

it('a sweep has another tag once one of its jobs has moved', async () => {
  const sweep = paths[2]?.one ?? ''
  const { headers, body } = await api.get(sweep)
  const again = () => api.get(sweep, { 'if-none-match': headers.etag ?? '' })
  const { status, body: nothing } = await again()
  assert.deepEqual([status, nothing], [304, ''])
  assert.equal((await api.post(`/v1/jobs/${body.jobs[1].jobId}/cancel`)).status, 200)
  const moved = await again()
  assert.deepEqual([moved.status, moved.body.jobs.length], [200, 2])
  assert.equal((await api.get(`${sweep}?sort=-loss`, { 'if-none-match': moved.headers.etag ?? '' })).headers['content-type'], undefined)
})

it('a prediction and the list of them have another tag once it is further', async () => {
  const { one = '', list = '' } = paths[3] ?? {}
  for (const path of [one, `${one}?fields=status,progress`, list]) {
    const { headers } = await api.get(path)
    const again = () => api.get(path, { 'if-none-match': headers.etag ?? '' })
    assert.deepEqual([(await again()).status, (await again()).body], [304, ''])
    await api.bench.database.prisma.prediction.updateMany({ data: { rowsDone: { increment: 1 } } })
    assert.equal((await again()).status, 200)
  }
})

it('what was waited for is not kept, and is empty if it is known', async () => {
  const waited = `${paths[3]?.one}?wait=0.01`
  const { headers } = await api.get(waited)
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal((await api.get(waited, { 'if-none-match': headers.etag ?? '' })).status, 304)
})
