/** The package in clients/typescript as its users get it: packed, installed into an empty project, against a running service. */
import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { launchBrowser, skipWithoutBrowser } from '../support/e2e/browser.ts'
import { type ClientProject, installClient, run } from '../support/e2e/client-package.ts'
import { followEvents } from '../support/e2e/followed-events.ts'
import { lookAtResults } from '../support/e2e/looked-at-results.ts'
import { nameAndAsk } from '../support/e2e/named-models.ts'
import { cleanEnvironment, discard, type Product, root, startProduct } from '../support/e2e/product.ts'
import { tellWebhooks } from '../support/e2e/told-webhooks.ts'
import { losingAnAnswer, trainByHand } from '../support/e2e/training-by-hand.ts'
import { uploadInParts } from '../support/e2e/uploads-in-parts.ts'

let project: ClientProject
let product: Product

/** A page of another origin, with the package as it is, unbundled. */
const pages = createServer(({ url }, response) => {
  const isCode = url === '/trainyard.js'
  response.writeHead(200, { 'content-type': isCode ? 'text/javascript' : 'text/html' })
  if (isCode) createReadStream(project.entry).pipe(response)
  else response.end('<!doctype html><title>page</title>')
})
const pageOrigin = (): string => `http://127.0.0.1:${(pages.address() as AddressInfo).port}`

before(async () => {
  await new Promise<void>((listening) => pages.listen(0, '127.0.0.1', listening))
  product = await startProduct({ CORS_ORIGINS: pageOrigin(), OUTBOUND_ALLOW_HTTP: 'true', OUTBOUND_ALLOW_PRIVATE: 'true' })
  project = await installClient()
})
after(async () => {
  pages.closeAllConnections()
  pages.close()
  await discard(product)
  await project?.remove()
})

/** The package and a client of the product, whose requests go through `send`. */
const open = async (send: typeof fetch = fetch) => {
  const library = await import(pathToFileURL(project.entry).href)
  return { ...library, client: new library.Trainyard({ url: product.url, fetch: send }) }
}

const notebook = async (training: object = {}) => {
  const config = JSON.parse(await readFile(join(root, 'examples/linear-regression-concise.json'), 'utf8'))
  return { ...config, training: { ...config.training, ...training } }
}
const endless = () => notebook({ epochs: 1_000_000 })

test('a program of thirty lines uploads iris, trains, watches and predicts', async () => {
  const program = await readFile(join(root, 'examples/iris.mjs'), 'utf8')
  assert.ok(program.split('\n').length <= 31)
  for (const file of ['iris.mjs', 'iris.csv', 'iris.json']) await copyFile(join(root, 'examples', file), join(project.folder, file))
  const env = cleanEnvironment({ TRAINYARD_URL: product.url, TRAINYARD_API_KEY: '' })
  const { stdout } = await run(process.execPath, ['iris.mjs'], { cwd: project.folder, env })
  assert.match(stdout, /^2612 of 2612 bytes sent$/m)
  assert.equal(stdout.match(/^epoch \d+, loss 0\.\d{4}, accuracy [01]\.\d{3}$/gm)?.length, 6)
  // The third species has the greatest output.
  const [, outputs = ''] = /^outputs (.*), by layers\.0\.weight, /m.exec(stdout) ?? []
  assert.equal(
    outputs
      .split(', ')
      .map(Number)
      .reduce((best, one, at, all) => (one > (all[best] ?? 0) ? at : best), 0),
    2,
    stdout,
  )
})

test('a program trains by hand: its own loop, loss and optimizer, a range test, accumulation and freezing', async () => {
  await copyFile(join(root, 'examples/trainer.mjs'), join(project.folder, 'trainer.mjs'))
  const env = cleanEnvironment({ TRAINYARD_URL: product.url, TRAINYARD_API_KEY: '' })
  const { stdout } = await run(process.execPath, ['trainer.mjs', '1'], { cwd: project.folder, env })
  const numberIn = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? 'NaN')
  assert.ok(numberIn(/^epoch 1, loss .*, on rows held back (.*)$/m) < 0.05, stdout)
  assert.ok(numberIn(/^step 6, quantile loss (.*)$/m) < numberIn(/^step 1, quantile loss (.*)$/m) / 2, stdout)
  assert.ok(numberIn(/^Lion after 12 steps: loss (.*)$/m) < 3, stdout)
  assert.ok(numberIn(/^range test: loss least at rate (.*), and .*e\+\d+ at 12$/m) < 2, stdout)
  assert.match(stdout, /^accumulation: four batches of 10 step as one of 40\nfreezing: .*, changed layers\.1\.weight, layers\.1\.bias$/m)
})

test('a trainer numbers its requests, does nothing twice, and goes on where another program left it', async () => {
  const { told, send } = losingAnAnswer()
  await trainByHand((await open(send)).client)
  assert.equal(told.lost, 1)
})

test('the program that docs/clients.md shows does what it says', async () => {
  const [, program = ''] = /```js\n([\s\S]*?)```/.exec(await readFile(join(root, 'docs/clients.md'), 'utf8')) ?? []
  await writeFile(join(project.folder, 'shown.mjs'), program)
  const env = cleanEnvironment({ TRAINYARD_URL: product.url, TRAINYARD_API_KEY: '' })
  const { stdout } = await run(process.execPath, [join(project.folder, 'shown.mjs')], { cwd: root, env })
  assert.match(stdout, /^5 0\.\d+\n\{[\s\S]*stopReason[\s\S]*Float32Array\(/m)
})

test('its types tell right from wrong by themselves, without those of Node', async () => {
  await copyFile(join(root, 'tests/fixtures/clients/trainyard.ts.txt'), join(project.folder, 'program.ts'))
  const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--module', 'nodenext', '--moduleResolution', 'nodenext']
  const platform = ['--target', 'es2022', '--lib', 'es2022,dom,dom.iterable,dom.asynciterable']
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = await run(process.execPath, [compiler, ...options, ...platform, 'program.ts'], { cwd: project.folder }).catch(
    (error) => error,
  )
  assert.equal(stdout, '')
})

test('a job gives its epochs as they come, and gradients and weights as typed arrays', async () => {
  const { client } = await open()
  const seen: number[] = []
  const config = { ...(await notebook()), metadata: { by: 'client' } }
  const job = await client.jobs.train(config, { onEpoch: ({ epoch }: { epoch: number }) => seen.push(epoch) })
  assert.deepEqual([job.status, seen], ['succeeded', [1, 2, 3]])
  assert.deepEqual(
    await job.losses(),
    (await product.api.epochs(job.id)).map(({ loss }) => loss),
  )
  const { tensors, fileName } = await job.weights()
  const { parameters } = await product.api.weights(job.id)
  for (const { name, shape, values } of parameters) assert.deepEqual(tensors[name], { shape, values: Float32Array.from(values) })
  assert.match(fileName, /^job_.*-epoch-3\.safetensors$/)
  const { data: curves } = await client.jobs.curves([job.id], { maxPoints: 100 })
  assert.deepEqual(
    curves[0].points.map(([epoch]: number[]) => epoch),
    [1, 2, 3],
  )
  const gradients = await job.gradients({ epoch: 3 })
  assert.deepEqual(gradients[0].values, Float32Array.from((await product.api.gradients(job.id, '?epoch=3'))[0]?.values ?? []))

  await lookAtResults(client, job)
  await nameAndAsk(client, job)

  const listed = await client.jobs.list({ metadata: { by: 'client' }, limit: 1 }).toArray()
  assert.deepEqual(
    listed.map(({ id }: { id: string }) => id),
    [job.id],
  )
  await job.delete()
  await assert.rejects(job.refresh(), { name: 'NotFoundError', status: 404 })
})

test('what goes wrong is told by kind, with every place in the request', async () => {
  const { client, Trainyard, ValidationError } = await open()
  const wrong = { ...(await notebook({ epochs: 0 })), optimiser: {} }
  await assert.rejects(client.jobs.create(wrong), (error) => {
    assert.ok(error instanceof ValidationError)
    const { errors, message } = error as unknown as { errors: { path: string }[]; message: string }
    assert.deepEqual(errors.map(({ path }) => path).sort(), ['/optimiser', '/training/epochs'])
    assert.match(message, /\/training\/epochs: /)
    return true
  })
  const diverging = { ...(await notebook({ epochs: 50 })), optimizer: { type: 'sgd', learningRate: 1e6 } }
  await assert.rejects(client.jobs.train(diverging), { name: 'UnsuccessfulError', code: 'LOSS_DIVERGED' })
  const nobody = new Trainyard({ url: 'http://127.0.0.1:9', maxRetries: 0 })
  await assert.rejects(nobody.jobs.get('job_1'), { name: 'ConnectionError', message: /127\.0\.0\.1:9 cannot be reached/ })
  const busy = async () => new Response('{"code": "QUEUE_FULL"}', { status: 429, headers: { 'retry-after': '120' } })
  await assert.rejects(new Trainyard({ fetch: busy }).catalog(), { name: 'RateLimitError', code: 'QUEUE_FULL', retryAfter: 120 })
  for (const url of ['127.0.0.1:3000', 'ftp://host', 'http://user:word@host']) assert.throws(() => new Trainyard({ url }), TypeError)
  await assert.rejects(async () => client.jobs.delete('..'), TypeError)
})

test('a signal ends the waiting and not the job, which can then be paused, resumed and cancelled', async () => {
  const { client } = await open()
  const watching = new AbortController()
  let id = ''
  const onEpoch = (_: unknown, job: { id: string }): void => {
    id = job.id
    watching.abort()
  }
  await assert.rejects(client.jobs.train(await endless(), { onEpoch, signal: watching.signal }), { name: 'AbortError' })
  const job = await client.jobs.get(id)
  await job.pause()
  await job.resume()
  await job.cancel()
  assert.equal((await job.wait()).status, 'cancelled')
  await assert.rejects(job.cancel(), { name: 'ConflictError' })
})

test('an answer that is lost or refused for now is asked for again, and does nothing twice', async () => {
  const before = (await product.api.get<{ data: object[] }>('/v1/jobs?limit=100')).data.length
  const keys = new Set<string | undefined>()
  const failures = [
    () => new Response('{"code": "RATE_LIMITED"}', { status: 429, headers: { 'retry-after': '0' } }),
    // Done, and never told.
    () => Promise.reject(new TypeError('fetch failed')),
  ]
  const { client } = await open(async (url, options) => {
    const answer = await fetch(url, options)
    if (options?.method !== 'POST') return answer
    keys.add(new Headers(options.headers).get('idempotency-key') ?? undefined)
    const fail = failures.pop()
    return fail ? fail() : answer
  })
  const job = await client.jobs.create(await notebook())
  assert.deepEqual([failures.length, keys.size, keys.has(undefined)], [0, 1, false])
  assert.equal((await job.wait()).status, 'succeeded')
  assert.equal((await product.api.get<{ data: object[] }>('/v1/jobs?limit=100')).data.length, before + 1)
})

test('events go on after a line that broke: none is missing, none comes twice', async () => {
  await followEvents(await open(), product, await notebook({ epochs: 6 }))
})

test('a webhook is told of what happens, tested and told again, and its receiver can tell who told it', async () => {
  await tellWebhooks(await open(), await notebook())
})

test('a stream goes up in parts, and an upload that broke off goes on with those that are missing', async () => {
  await uploadInParts(await open(), product)
})

test('a sweep is waited for, and its jobs come ranked', async () => {
  const { client } = await open()
  const sweep = await client.sweeps.run({ base: await notebook(), grid: { 'optimizer.learningRate': [0.03, 0.01] } })
  assert.deepEqual([sweep.status, sweep.jobs.length], ['finished', 2])
  assert.deepEqual(sweep.jobs.map(({ rank }: { rank: number }) => rank).sort(), [1, 2])
  assert.ok((await client.catalog()).losses.length > 10)
})

test('the same file runs in a browser, on a page of an origin that CORS_ORIGINS names', async (t) => {
  const browser = await launchBrowser()
  if (!browser) return skipWithoutBrowser(t)
  try {
    const page = await browser.newPage()
    await page.goto(pageOrigin())
    const told = await page.evaluate(
      `(async () => {
        const { Trainyard, ValidationError } = await import('/trainyard.js')
        const client = new Trainyard({ url: '${product.url}' })
        const { id } = await client.datasets.upload(new File(['x,y\\n1,2\\n2,4\\n3,6\\n'], 'line.csv'), { labels: ['y'] })
        const epochs = []
        const config = { dataset: { id, labels: ['y'] }, model: { layers: [{ type: 'dense', units: 1 }] }, training: { epochs: 3 } }
        const job = await client.jobs.train(config, { onEpoch: ({ epoch }) => epochs.push(epoch) })
        const { tensors } = await job.weights()
        const error = await client.jobs.create({}).catch((error) => error)
        return { epochs, names: Object.keys(tensors), isWrong: error instanceof ValidationError }
      })()`,
    )
    assert.deepEqual(told, { epochs: [1, 2, 3], names: ['layers.0.weight', 'layers.0.bias'], isWrong: true })
  } finally {
    await browser.close()
  }
})
