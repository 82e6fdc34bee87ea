/** The OpenAPI document: whole, kept in the repository, and its examples really run. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { initializerCatalog } from '../../../src/catalog/initializers.ts'
import { lossCatalog } from '../../../src/catalog/losses/all-losses.ts'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { notebook } from '../../support/worker.ts'

type Media = { schema: { $ref?: string }; example?: unknown; examples?: Record<string, { value: unknown }> }
type Operation = {
  operationId: string
  tags: string[]
  parameters?: { $ref?: string; name: string; in: string; required?: boolean; schema?: { enum?: string[] }; example?: unknown }[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, { $ref?: string; description: string; headers?: object; content?: Record<string, Media> }>
}
type Document = { openapi: string; paths: Record<string, Record<string, Operation>>; components: Record<string, Record<string, object>> }

let api: TestApi
let document: Document
before(async () => {
  api = await openTestApi({ apiKeys: [{ tenant: 'default', secret: 'first' }], key: 'first' })
  api.bench.work({ trainerSlots: 1 })
  document = (await api.get('/openapi.json', { host: '127.0.0.1:3000' })).body
})
after(() => api.close())

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation: whole(operation) })),
  )

/** An operation with its parameters and answers in the place of references to them. */
const whole = (operation: Operation): Operation => ({
  ...operation,
  parameters: operation.parameters?.map(looked),
  responses: Object.fromEntries(Object.entries(operation.responses).map(([status, response]) => [status, looked(response)])),
})
const looked = <Part extends { $ref?: string }>(part: Part): Part => {
  if (part.$ref === undefined) return part
  const [, , kind = '', name = ''] = part.$ref.split('/')
  return document.components[kind]?.[name] as Part
}
const examplesOf = ({ example, examples }: Media): unknown[] =>
  examples ? Object.values(examples).map(({ value }) => value) : example === undefined ? [] : [example]

it('the OpenAPI document is the file in the repository', async () => {
  const kept = JSON.parse(await readFile(new URL('../../../openapi.json', import.meta.url), 'utf8'))
  assert.deepEqual(document, kept, 'run `node scripts/openapi.mjs`')
})

it('the OpenAPI document takes an empty Last-Event-ID, as the streams do', () => {
  const headers = operations().flatMap(({ operation }) => operation.parameters?.filter(({ name }) => name === 'last-event-id') ?? [])
  assert.equal(headers.length, 2)
  for (const { schema = {} } of headers) assert.ok(validator().validate(schema, ''), JSON.stringify(schema))
})

/** Statuses that every operation at a path can answer with. */
const refusalsOf = (path: string): string[] => [
  ...['400', '429', '500'],
  ...(path === '/healthz' ? [] : ['403']),
  ...(path.startsWith('/v1') ? ['401'] : []),
]

it('the OpenAPI document is OpenAPI 3.1 with a name, a tag and every failure for each operation', () => {
  assert.equal(document.openapi, '3.1.0')
  const names = operations().map(({ operation }) => operation.operationId)
  assert.equal(new Set(names).size, names.length)
  for (const { path, operation } of operations()) {
    assert.ok(operation.operationId && operation.tags.length > 0, path)
    for (const status of refusalsOf(path)) {
      const problem = operation.responses[status]
      assert.ok(problem?.content?.['application/problem+json'], `${operation.operationId} says what ${status} looks like`)
    }
    if (/\{/.test(path)) assert.ok(operation.responses[404], operation.operationId)
    if (operation.requestBody)
      for (const status of [413, 415, 422]) assert.ok(operation.responses[status], `${operation.operationId} ${status}`)
  }
})

it('every named schema of the OpenAPI document has a description of one line', () => {
  for (const [name, schema] of Object.entries(document.components.schemas ?? {})) {
    const { description = '' } = schema as { description?: string }
    assert.match(description, /^[^\n]+$/, name)
  }
})

it('every object with fields has a name in the OpenAPI document', () => {
  const unnamed = (value: unknown, at: string): string[] => {
    if (typeof value !== 'object' || value === null) return []
    const { type, properties } = value as { type?: unknown; properties?: unknown }
    const inner = Object.entries(value).flatMap(([key, one]) => (/^examples?$|^x-/.test(key) ? [] : unnamed(one, `${at}/${key}`)))
    return type === 'object' && properties && !/^\/schemas\/\w+$/.test(at) ? [at, ...inner] : inner
  }
  assert.deepEqual([...unnamed(document.components, ''), ...unnamed(document.paths, '/paths')], [])
})

it('the OpenAPI document says which problems have a Retry-After, an integer of seconds', () => {
  const problems = operations().flatMap(({ operation }) => Object.entries(operation.responses))
  for (const [status, { headers = {}, description }] of problems.filter(([status]) => Number(status) >= 400)) {
    const passes = status === '429' || status === '503' || description.includes('`IDEMPOTENCY_IN_PROGRESS`')
    assert.equal('Retry-After' in headers, passes, `${status} ${description}`)
  }
  assert.equal((document.components.headers as { RetryAfter?: { schema: { type: string } } }).RetryAfter?.schema.type, 'integer')
})

it('the OpenAPI document lists the types that a path may name', () => {
  const listed = (path: string) => document.paths[path]?.post?.parameters?.find(({ name }) => name === 'type')?.schema?.enum
  assert.deepEqual(listed('/v1/losses/{type}/evaluate'), Object.keys(lossCatalog))
  assert.deepEqual(listed('/v1/initializers/{type}/sample'), Object.keys(initializerCatalog))
})

const validator = (): Ajv2020 => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, discriminator: false })
  ajv.addSchema({ $id: 'document', components: document.components })
  return ajv
}
const within = (schema: object): object => JSON.parse(JSON.stringify(schema).replaceAll('#/components', 'document#/components'))

it('the OpenAPI document has examples that fit their schemas for every body', () => {
  const ajv = validator()
  const fits = (media: Media, where: string): void => {
    const examples = examplesOf(media)
    assert.ok(examples.length > 0, `${where} has an example`)
    for (const example of examples) assert.ok(ajv.validate(within(media.schema), example), `${where}: ${ajv.errorsText()}`)
  }
  for (const { operation } of operations()) {
    for (const [type, media] of Object.entries(operation.requestBody?.content ?? {})) fits(media, `${operation.operationId} ${type}`)
    for (const [status, { content }] of Object.entries(operation.responses))
      for (const media of Object.values(content ?? {})) fits(media, `${operation.operationId} ${status}`)
  }
})

it('the OpenAPI document has an example for each request that really runs', async () => {
  const { body: job } = await api.post('/v1/jobs', notebook())
  await api.bench.ended(job.id)
  for (const { path, method, operation } of operations()) {
    for (const { headers, payload: example } of requestsOf(operation)) {
      const payload = ofJob(example, job.id)
      const id = await prepare(path, method, job.id)
      const delivery = /delivery/.test(path) ? (await api.post(`/v1/webhooks/${id}/test`)).body.id : undefined
      const named = (name: string) => delivery ?? String(operation.parameters?.find((parameter) => parameter.name === name)?.example)
      const query = operation.parameters?.some(({ name, required }) => name === 'job' && required) ? `?job=${job.id}` : ''
      const url = path.replace('{id}', id).replace(/\{(\w+)\}/, (_, name: string) => named(name)) + query
      const answer = await api.send({ method: method.toUpperCase() as 'GET', url, headers, payload })
      assert.ok(answer.status < 300, `${operation.operationId}: ${answer.status} ${JSON.stringify(answer.body)}`)
      const documented = operation.responses[answer.status]
      assert.ok(documented, `${operation.operationId} documents ${answer.status}`)
      const schema = documented.content?.['application/json']?.schema
      if (schema && answer.headers['content-type']?.startsWith('application/json'))
        assert.ok(validator().validate(within(schema), answer.body), `${operation.operationId} answers as its schema says`)
    }
  }
})

/** An example that names a job, of one that is there. */
const ofJob = (example: string | object | undefined, jobId: string): string | object | undefined =>
  typeof example === 'object' && 'jobId' in example ? { ...example, jobId } : example

/** Every example of an operation's bodies as it is sent; one request without a body where it has none. */
const requestsOf = ({ requestBody }: Operation): { headers: Record<string, string>; payload?: string | object }[] => {
  if (!requestBody) return [{ headers: {} }]
  // Files of bytes have no example in a document of text.
  const texts = Object.entries(requestBody.content).filter(
    ([, { schema }]) => (schema as { format?: string } | undefined)?.format !== 'binary',
  )
  return texts.flatMap(([type, media]) =>
    examplesOf(media).map((example) =>
      type.startsWith('multipart')
        ? { headers: { 'content-type': `${type}; boundary=edge` }, payload: asForm(example as Record<string, unknown>) }
        : { headers: { 'content-type': type }, payload: example as string | object },
    ),
  )
}

/** What is made by one request, by the path of its list. */
const plainly: Record<string, object> = {
  '/v1/datasets': { features: [[1], [2]], labels: [[1], [2]] },
  '/v1/keys': { scope: 'read' },
  '/v1/webhooks': { url: 'https://hooks.invalid/', events: ['job.failed'] },
}

/** The id of something that the operation can be done to. */
const prepare = async (path: string, method: string, finishedJob: string): Promise<string> => {
  const [list = ''] = path.split('/{id}')
  const body = plainly[list]
  if (body) return (await api.post(list, body)).body.id
  if (path.startsWith('/v1/models/')) await api.send({ method: 'PUT', url: '/v1/models/prices', payload: { jobId: finishedJob, epoch: 1 } })
  if (path.startsWith('/v1/uploads')) return prepareUpload(path)
  if (path.startsWith('/v1/imports/')) {
    const { tenant } = await api.bench.database.prisma.job.findFirstOrThrow()
    const status = method === 'delete' ? 'failed' : 'queued'
    const id = `imp_${status}${path.length}`
    // Without hosts to import from it waits.
    await api.bench.database.prisma.import.create({ data: { id, tenant, url: 'https://data.example/t.csv', status } })
    return id
  }
  if (path.startsWith('/v1/trainers/')) return prepareTrainer(path)
  if (path.startsWith('/v1/predictions/')) {
    const { dataset } = notebook()
    const { id } = (await api.post(`/v1/jobs/${finishedJob}/predictions`, { dataset })).body
    await api.get(`/v1/predictions/${id}?wait=60`)
    return id
  }
  if (path.startsWith('/v1/sweeps/')) {
    const { id } = (await api.post('/v1/sweeps', { base: notebook({ device: 'gpu' }), grid: { 'training.epochs': [1] } })).body
    if (method === 'delete') await api.post(`/v1/sweeps/${id}/cancel`)
    return id
  }
  if (!/(cancel|pause|resume)$/.test(path) && method !== 'delete') return finishedJob
  // No worker here has a GPU, so this job waits.
  const { id } = (await api.post('/v1/jobs', notebook({ device: 'gpu' }))).body
  if (method === 'delete') await api.post(`/v1/jobs/${id}/cancel`)
  return id
}

/** An upload, whole if it is to be completed. */
const prepareUpload = async (path: string): Promise<string> => {
  const { id } = (await api.post('/v1/uploads', { contentType: 'text/csv' })).body
  if (path.endsWith('complete'))
    await api.send({
      method: 'PUT',
      url: `/v1/uploads/${id}/parts/1`,
      headers: { 'content-type': 'application/octet-stream' },
      payload: 'x,y\n1,2\n',
    })
  return id
}

/** A trainer that has done a request, if it is to be asked about one. */
const prepareTrainer = async (path: string): Promise<string> => {
  const { dataset, model } = notebook()
  const { id } = (await api.post('/v1/trainers', { dataset, model })).body
  if (path.endsWith('{seq}')) await api.post(`/v1/trainers/${id}/operations`, { seq: 1, operations: [{ type: 'zeroGradients' }] })
  return id
}

const asForm = (fields: Record<string, unknown>): string => {
  const parts = Object.entries(fields).map(([name, value]) =>
    typeof value === 'string' ? `name="${name}"; filename="t.csv"\r\n\r\n${value}` : `name="${name}"\r\n\r\n${JSON.stringify(value)}`,
  )
  return `${parts.map((part) => `--edge\r\nContent-Disposition: form-data; ${part}\r\n`).join('')}--edge--\r\n`
}
