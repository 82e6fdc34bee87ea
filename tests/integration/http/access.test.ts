/** Who may ask what: every operation of the OpenAPI document, by keys of each scope, of another tenant, and of an operator. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Answer, assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { report } from '../../support/batches.ts'
import { type DocumentedRequest, documentedRequests } from '../../support/documented-requests.ts'
import { notebook } from '../../support/worker.ts'

/** Stands in everything that belongs to ann. */
const mark = 'of-ann-alone'
const scopes = ['read', 'write', 'admin']
const ann = { authorization: 'Bearer a' }
const bob = { authorization: 'Bearer b' }
const operator = { authorization: 'Bearer o' }

let api: TestApi
/** What ann has, by the part of a path that stands before its id. */
let made: Record<string, string>
let requests: DocumentedRequest[]
/** Keys of ann by their scope. */
const keys: Record<string, { authorization: string }> = {}

before(async () => {
  api = await openTestApi({
    apiKeys: [
      { tenant: 'ann', secret: 'a' },
      { tenant: 'bob', secret: 'b' },
    ],
    operatorKeys: [{ tenant: 'olga', secret: 'o' }],
    // No worker is there to answer.
    inferenceTimeoutMs: 100,
  })
  const make = async (path: string, body: object): Promise<string> => {
    const { status, body: answer } = await api.post(path, body, ann)
    assert.ok(status < 300, JSON.stringify(answer))
    return answer.id
  }
  for (const scope of scopes) {
    const { body } = await api.post('/v1/keys', { scope, name: mark }, ann)
    keys[scope] = { authorization: `Bearer ${body.secret}` }
  }
  const job = await make('/v1/jobs', notebook({ metadata: { mark } }))
  await api.claim().then(({ commit }) => commit({ epochs: [{ ...report(1), weights: [], gradients: [] }], fraction: 0.5 }))
  const model = await api.send({ method: 'PUT', url: '/v1/models/a-model-of-ann', payload: { jobId: job }, headers: ann })
  const webhook = await make('/v1/webhooks', { url: `https://hooks.invalid/${mark}`, events: ['job.failed'] })
  const delivery = await api.bench.database.prisma.delivery.create({
    data: { id: 'dlv_01kaf3m5d9v0q8c1x2y3z4w5a6', tenant: 'ann', webhookId: webhook, type: mark, body: mark, status: 'failed' },
  })
  const { dataset, model: trained } = notebook()
  const predictionOf = async (jobId: string): Promise<string> => {
    const { prisma } = api.bench.database
    const { datasetId } = await prisma.job.findUniqueOrThrow({ where: { id: jobId } })
    const sizes = { rows: 1, width: 1, storedBytes: 4 }
    const prediction = { tenant: 'ann', jobId, source: { id: mark }, datasetId, output: 'raw', measured: false, ...sizes }
    return (await prisma.prediction.create({ data: { id: 'pred_01kaf3m5d9v0q8c1x2y3z4w5a6', ...prediction } })).id
  }
  made = {
    trainers: await make('/v1/trainers', { dataset, model: trained }),
    models: model.body.name,
    predictions: await predictionOf(job),
    jobs: job,
    job,
    datasets: await make('/v1/datasets', { rows: [{ x: mark, y: 1 }], labels: ['y'], name: mark }),
    sweeps: await make('/v1/sweeps', { base: notebook({ metadata: { mark } }), grid: { 'optimizer.learningRate': [0.1, 0.2] } }),
    uploads: await make('/v1/uploads', { contentType: 'text/csv', options: { name: mark } }),
    imports: (
      await api.bench.database.prisma.import.create({
        data: { id: 'imp_01kaf3m5d9v0q8c1x2y3z4w5a6', tenant: 'ann', url: `https://data.example/${mark}`, status: 'failed' },
      })
    ).id,
    keys: await make('/v1/keys', { scope: 'read', name: mark }),
    webhooks: webhook,
    deliveries: delivery.id,
  }
  requests = documentedRequests((await api.get('/openapi.json')).body, partOf)
    .filter(({ route }) => route.startsWith('/v1/'))
    .map(withIds)
})
after(() => api.close())

/** Parameters of paths that name nothing that belongs to anybody. */
const common = ['type', 'number', 'epoch', 'seq']

const partOf = (route: string, name: string): string | undefined => {
  if (common.includes(name)) return undefined
  const before = route.includes(`{${name}}`)
    ? route.split('/').at(route.split('/').findIndex((part) => part.includes(`{${name}}`)) - 1)
    : name
  const found = made[before ?? '']
  if (route.includes(`{${name}}`)) assert.ok(found, `${route}: this test has to make a ${name} of ann`)
  return found
}

/** Bodies that name something by its id name what ann has. */
const withIds = (request: DocumentedRequest): DocumentedRequest =>
  typeof request.payload === 'object'
    ? {
        ...request,
        payload: JSON.parse(
          JSON.stringify(request.payload)
            .replace(/"job_\w+"/g, `"${made.job}"`)
            .replace(/"ds_\w+"/g, `"${made.datasets}"`),
        ),
      }
    : request

const send = ({ method, url, payload, headers }: DocumentedRequest, key: Record<string, string> = {}): Promise<Answer> =>
  api.send({ method, url, headers: { ...headers, ...key }, ...(payload === undefined ? {} : { payload }) })

const nameOf = ({ operationId }: DocumentedRequest): string => operationId
const namesAnns = ({ url, payload }: DocumentedRequest): boolean =>
  Object.values(made).some((id) => `${url} ${JSON.stringify(payload)}`.includes(id))

/** Of what is there the ids are told by those who ask; everything else of ann has the mark. */
const assertTellsNothing = ({ body }: Answer, request: DocumentedRequest): void => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  assert.ok(!text.includes(mark), `${nameOf(request)} tells ${text}`)
  for (const id of Object.values(made))
    assert.ok(!text.includes(id) || `${request.url} ${JSON.stringify(request.payload)}`.includes(id), `${nameOf(request)} tells of ${id}`)
}

it('every operation says which scope it needs, and none but GET is for readers', () => {
  assert.ok(requests.length > 40)
  for (const request of requests) {
    assert.ok(scopes.includes(request.scope ?? ''), `${nameOf(request)} has the scope ${request.scope}`)
    if (request.method !== 'GET') assert.notEqual(request.scope, 'read', nameOf(request))
  }
})

it('every operation is refused without a key, and with one that is none', async () => {
  for (const request of requests)
    for (const key of [{}, { authorization: 'Bearer x' }, { authorization: `Bearer ty_${'0'.repeat(26)}_${'A'.repeat(43)}` }]) {
      const answer = await send(request, key as Record<string, string>)
      assertProblem(answer, 401, 'UNAUTHENTICATED')
    }
})

it('every operation is refused to keys with less than its scope, and the answer names what is needed', async () => {
  for (const request of requests)
    for (const scope of scopes.slice(0, scopes.indexOf(request.scope ?? ''))) {
      const answer = await send(request, keys[scope])
      const [error] = assertProblem(answer, 403, 'INSUFFICIENT_SCOPE')
      assert.match(error?.message ?? '', new RegExp(`scope ${request.scope}`), nameOf(request))
      assertTellsNothing(answer, request)
    }
})

it("what a key may read it does read: its own tenant's", async () => {
  for (const request of requests.filter(({ scope }) => scope === 'read')) {
    const { status, body } = await send(request, keys.read)
    // No worker runs here, and some reading asks one.
    assert.ok((status < 500 || status === 504) && ![401, 403].includes(status), `${nameOf(request)}: ${JSON.stringify(body)}`)
  }
})

describe('a key of another tenant', () => {
  it('finds nothing of ann by any id, in a path, a query or a body, and changes nothing', async () => {
    const reads = requests.filter((request) => request.method === 'GET' && namesAnns(request))
    const look = () =>
      Promise.all(
        reads.map(async (request) =>
          send(request, ann).then(({ status, body }) => [request.url, status, status < 300 && { ...body, seed: 'drawn anew' }]),
        ),
      )
    const before = await look()
    for (const request of requests.filter(namesAnns)) {
      const answer = await send(request, bob)
      assert.ok(
        [403, 404, 422].includes(answer.status),
        `${request.method} ${request.url}: ${answer.status} ${JSON.stringify(answer.body)}`,
      )
      if (request.route.includes('{id}'))
        assert.ok([403, 404].includes(answer.status), `${nameOf(request)}: ${JSON.stringify(answer.body)}`)
      assertTellsNothing(answer, request)
      if (request.method !== 'GET') continue
      const { statusCode } = await api.app.inject({ method: 'HEAD', url: request.url, headers: bob })
      assert.equal(statusCode, answer.status, `HEAD ${request.url}`)
    }
    assert.deepEqual(await look(), before)
  })

  it('sees nothing of ann in any list', async () => {
    for (const request of requests.filter((one) => one.method === 'GET' && !namesAnns(one))) {
      const answer = await send(request, bob)
      assert.equal(answer.status, 200, `${nameOf(request)}: ${JSON.stringify(answer.body)}`)
      assertTellsNothing(answer, request)
    }
  })

  it('acts for no other tenant by naming it', async () => {
    for (const request of requests) {
      const [error] = assertProblem(await send(request, { ...bob, 'x-tenant': 'ann' }), 403, 'INSUFFICIENT_SCOPE')
      assert.ok(error?.path === '/x-tenant' || error?.path === '/authorization')
    }
    assert.equal((await api.get('/v1/jobs', { ...bob, 'x-tenant': 'bob' })).status, 200)
  })
})

describe("an operator's key", () => {
  it('says which tenant it acts for, and is asked for it otherwise', async () => {
    for (const request of requests.filter(({ route }) => route !== '/v1/keys/current')) {
      const [error] = assertProblem(await send(request, operator), 400, 'MALFORMED_REQUEST')
      assert.equal(error?.path, '/x-tenant', nameOf(request))
    }
    assertProblem(await api.get('/v1/jobs', { ...operator, 'x-tenant': 'no body' }), 400, 'MALFORMED_REQUEST')
    assert.equal((await api.get('/v1/keys/current', operator)).body.scope, 'operator')
  })

  it('reads and changes what its tenant has, and makes keys for tenants that no configuration names', async () => {
    for (const tenant of ['ann', 'bob'])
      assert.equal((await api.get(`/v1/jobs/${made.jobs}`, { ...operator, 'x-tenant': tenant })).status, tenant === 'ann' ? 200 : 404)
    const { body: key } = await api.post('/v1/keys', { scope: 'write' }, { ...operator, 'x-tenant': 'cat' })
    const cat = { authorization: `Bearer ${key.secret}` }
    const { body: job } = await api.post('/v1/jobs', notebook(), cat)
    assert.equal((await api.post(`/v1/jobs/${job.id}/cancel`, undefined, { ...operator, 'x-tenant': 'cat' })).body.status, 'cancelled')
    assert.equal((await api.get(`/v1/jobs/${job.id}`, ann)).status, 404)
  })
})
