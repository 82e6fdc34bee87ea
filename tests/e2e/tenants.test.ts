/** API keys, tenants that do not see each other, and requests that are safe to send twice. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Api, createApi, type Job, type Json, type Page, type Problem } from '../support/e2e/api.ts'
import { launchBrowser, skipWithoutBrowser, withPage } from '../support/e2e/browser.ts'
import { cleanEnvironment, discard, type Product, root, startProduct } from '../support/e2e/product.ts'

let product: Product
let alice: Api
let bob: Api
before(async () => {
  product = await startProduct({ API_KEYS: 'alice:first-secret,bob:second-secret', OPERATOR_KEYS: 'olga:third-secret' })
  alice = createApi(product.url, { authorization: 'Bearer first-secret' })
  bob = createApi(product.url, { authorization: 'Bearer second-secret' })
})
after(() => discard(product))

const config = {
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 100, noiseStd: 0.01, seed: 1 } },
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.03 },
  training: { epochs: 1, batchSize: 10, seed: 1 },
}

test('without a key, or with a wrong one, nothing is told but that a key is needed', async () => {
  for (const api of [product.api, createApi(product.url, { authorization: 'Bearer wrong' })]) {
    const answer = await api.call<Problem>('GET', '/v1/jobs')
    assert.equal(answer.status, 401)
    assert.equal(answer.body.code, 'UNAUTHENTICATED')
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
    assert.equal((await api.call('POST', '/v1/jobs', config)).status, 401)
  }
})

test('health, readiness and the documentation need no key', async () => {
  for (const path of ['/healthz', '/readyz', '/openapi.json', '/docs'])
    assert.equal((await product.api.call('GET', path)).status, 200, path)
})

test('what belongs to another tenant is not there', async () => {
  const job = await alice.train(config)
  assert.equal((await alice.get<Page<Job>>('/v1/jobs')).data.length, 1)
  assert.equal((await bob.get<Page<Job>>('/v1/jobs')).data.length, 0)
  for (const part of ['', '/epochs', '/gradients', '/weights', '/events'])
    assert.equal((await bob.call('GET', `/v1/jobs/${job.id}${part}`)).status, 404, part)
  assert.equal((await bob.call('POST', `/v1/jobs/${job.id}/cancel`)).status, 404)
  assert.equal((await bob.call('DELETE', `/v1/jobs/${job.id}`)).status, 404)
  assert.equal((await bob.call('GET', `/v1/datasets/${job.dataset.id}`)).status, 404)
  assert.equal((await bob.call('POST', '/v1/jobs', { ...config, dataset: { id: job.dataset.id } })).status, 422)
  assert.equal((await alice.call('GET', `/v1/jobs/${job.id}`)).status, 200)
})

/** Runs a command line with a key; gives what it printed for programs. */
const trainyard = async (key: string, ...command: string[]): Promise<Json> => {
  const env = cleanEnvironment({ TRAINYARD_URL: product.url, TRAINYARD_API_KEY: key })
  const program = join(root, 'clients/typescript/bin/trainyard.mjs')
  const { stdout } = await new Promise<{ stdout: string }>((done, fail) =>
    execFile(process.execPath, [program, ...command, '--json'], { env }, (error, stdout, stderr) =>
      error ? fail(new Error(stderr)) : done({ stdout }),
    ),
  )
  return JSON.parse(stdout)
}

test('keys are made, listed and revoked from the command line, and do what their scope says', async () => {
  const expires = '2999-01-01T00:00:00.000Z'
  const made = await trainyard('first-secret', 'keys', 'create', '--scope', 'read', '--name', 'reports', '--expires', expires)
  const reader = createApi(product.url, { authorization: `Bearer ${made.secret}` })
  assert.equal((await reader.call('GET', '/v1/jobs')).status, 200)
  assert.equal((await reader.call<Problem>('POST', '/v1/jobs', config)).body.code, 'INSUFFICIENT_SCOPE')
  await assert.rejects(trainyard(String(made.secret), 'keys'), /INSUFFICIENT_SCOPE/)
  const { id, tenant, scope, name, expiresAt } = await trainyard(String(made.secret), 'keys', 'current')
  assert.deepEqual([id, tenant, scope, name, expiresAt], [made.id, 'alice', 'read', 'reports', expires])
  const listed = (await trainyard('first-secret', 'keys')) as unknown as Json[]
  assert.deepEqual(
    listed.map((key) => [key.id, key.secret]),
    [[made.id, undefined]],
  )
  assert.deepEqual(await trainyard('third-secret', 'keys', '--tenant', 'bob'), [])
  await trainyard('third-secret', 'keys', 'revoke', String(made.id), '--tenant', 'alice')
  while ((await reader.call('GET', '/v1/jobs')).status !== 401) await new Promise((resolve) => setTimeout(resolve, 50))
})

test('the page offers a key that may only read nothing that changes something, and still shows everything', async (t) => {
  const browser = await launchBrowser()
  if (!browser) return skipWithoutBrowser(t)
  const job = await alice.train(config)
  const { body: reader } = await alice.call<{ secret: string }>('POST', '/v1/keys', { scope: 'read' })
  try {
    await withPage(browser, `${product.url}/jobs`, async (page) => {
      const as = async (key: string, path: string): Promise<void> => {
        await page.evaluate(`sessionStorage.setItem('trainyard-key', '${key}')`)
        await page.goto(product.url + path)
      }
      const remove = page.getByRole('button', { name: 'Delete' })
      await as('first-secret', `/jobs/${job.id}`)
      await remove.waitFor()
      await as(reader.secret, `/jobs/${job.id}`)
      await remove.waitFor({ state: 'hidden' })
      await page.getByRole('heading', { name: job.id }).waitFor()
      await page.getByRole('link', { name: 'New job' }).waitFor({ state: 'hidden' })
      await as(reader.secret, '/datasets')
      await page.getByRole('heading', { name: 'Upload' }).waitFor({ state: 'hidden' })
    })
  } finally {
    await browser.close()
  }
})

const keyed = (api: Api, key: string, body: Json) => api.call<Job & Problem>('POST', '/v1/jobs', body, { 'idempotency-key': key })

test('the same request under the same key is done once and answered alike', async () => {
  const first = await keyed(alice, 'one', config)
  const again = await keyed(alice, 'one', config)
  assert.equal(first.status, 202)
  assert.equal(again.status, 202)
  assert.deepEqual(again.body, first.body)
  assert.equal(again.headers.get('location'), first.headers.get('location'))
  assert.notEqual((await keyed(alice, 'two', config)).body.id, first.body.id)
})

test('another request under the same key is refused', async () => {
  await keyed(alice, 'three', config)
  const answer = await keyed(alice, 'three', { ...config, priority: 1 })
  assert.equal(answer.status, 422)
  assert.equal(answer.body.code, 'IDEMPOTENCY_MISMATCH')
})

test('a key belongs to its tenant', async () => {
  const first = await keyed(alice, 'four', config)
  const second = await keyed(bob, 'four', config)
  assert.equal(second.status, 202)
  assert.notEqual(second.body.id, first.body.id)
})

test('of many equal requests at once one is done', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => keyed(alice, 'five', config)))
  const ids = new Set(answers.filter((answer) => answer.status === 202).map((answer) => answer.body.id))
  assert.equal(ids.size, 1)
  for (const answer of answers) assert.ok([202, 409].includes(answer.status))
})

test('an address that other machines reach is refused while there are no keys', async () => {
  await assert.rejects(startProduct({ HOST: '0.0.0.0' }), /API_KEYS/)
})

test('a wrong setting stops the start with its name', async () => {
  await assert.rejects(startProduct({ WORKERS: 'many' }), /WORKERS/)
})
