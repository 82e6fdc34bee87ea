/** The page at / in a real browser: wide and narrow, light and dark, by mouse and by keyboard, without a violation that axe sees. */
import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { assertAccessible, assertAccessibleInBoth } from '../support/e2e/accessibility.ts'
import { type Api, createApi, type Job } from '../support/e2e/api.ts'
import { launchBrowser, skipWithoutBrowser, withPage } from '../support/e2e/browser.ts'
import { config, endless, looks } from '../support/e2e/looked-at.ts'
import { discard, type Product, startProduct } from '../support/e2e/product.ts'

let product: Product
let browser: Browser | undefined
let api: Api
let trained: Job
before(async () => {
  product = await startProduct({ API_KEYS: 'alice:first-secret' })
  browser = await launchBrowser()
  api = createApi(product.url, { authorization: 'Bearer first-secret' })
  trained = await api.train({ ...config, metadata: { owner: 'Ada L.' } })
})
after(async () => {
  await browser?.close()
  await discard(product)
})

/** The page at a path, with the key already in its tab. */
const at = async (
  t: TestContext,
  path: string,
  look: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> => {
  if (!browser) return skipWithoutBrowser(t)
  await withPage(
    browser,
    `${product.url}/jobs`,
    async (page) => {
      await page.evaluate(`sessionStorage.setItem('trainyard-key', 'first-secret')`)
      await page.goto(product.url + path)
      await look(page)
    },
    options,
  )
}

test('the page and its files need no key, are sent compressed and once, and lead nowhere else', async () => {
  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(product.url + path, { headers: { accept: 'text/html,*/*;q=0.8', ...headers } })
  const index = await ask('/')
  const html = await index.text()
  assert.match(index.headers.get('content-type') ?? '', /^text\/html/)
  const policy = index.headers.get('content-security-policy') ?? ''
  assert.match(policy, /default-src 'none'/)
  assert.doesNotMatch(policy, /unsafe|\*|http/)
  assert.equal((await ask('/jobs/anything', { 'if-none-match': index.headers.get('etag') ?? '' })).status, 304)

  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path)
  assert.ok(files.length >= 4)
  for (const path of files) {
    const file = await ask(path, { 'accept-encoding': 'br' })
    assert.deepEqual([file.status, file.headers.get('cache-control')], [200, 'public, max-age=31536000, immutable'], path)
    assert.equal((await ask(path, { 'accept-encoding': 'br', 'if-none-match': file.headers.get('etag') ?? '' })).status, 304)
  }

  const json = await product.api.call('GET', '/', undefined, { accept: 'application/json' })
  assert.deepEqual([json.status, (json.body as { code: string }).code], [404, 'NOT_FOUND'])
  for (const path of [
    '/assets/',
    '/assets/none.js',
    '/assets/..%2findex.html',
    '/assets/%2e%2e/index.html',
    '/assets/index.html.br',
    '/none',
  ])
    assert.equal((await ask(path)).status, 404, path)
  assert.equal((await product.api.call('POST', '/jobs', {})).status, 405)
})

test('a page that asks for a key shows nothing before it has one, and goes on with it', async (t) => {
  if (!browser) return skipWithoutBrowser(t)
  await withPage(browser, product.url, async (page) => {
    const field = page.getByLabel('API key')
    for (const wrong of ['wrong', 'schlüssel 🔑']) {
      await field.fill(wrong)
      await field.press('Enter')
      await page.getByText('The service does not know this key.').waitFor()
    }
    await assertAccessible(page, 'the question for a key')
    await field.fill('first-secret')
    await field.press('Enter')
    await page.getByRole('link', { name: trained.id }).waitFor()
  })
})

for (const [name, options] of looks) {
  test(`the list of jobs, ${name}, links every job by its visible id and fits the window`, (t) =>
    at(
      t,
      '/',
      async (page) => {
        const link = page.getByRole('link', { name: trained.id })
        await link.waitFor()
        assert.equal(await link.getAttribute('href'), `/jobs/${trained.id}`)
        assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, 'nothing sticks out')
        const bytes = await page.evaluate(
          "performance.getEntriesByType('resource').reduce((sum, { transferSize }) => sum + transferSize, 0)",
        )
        assert.ok(Number(bytes) > 0 && Number(bytes) < 150_000, `the first view takes ${bytes} bytes`)
        await assertAccessibleInBoth(page, `the list of jobs, ${name}`)
      },
      options,
    ))
}

for (const [name, options] of looks) {
  test(`a job, ${name}, has its curves, its weights beside the true ones, its predictions, its config and its files`, (t) =>
    at(
      t,
      `/jobs/${trained.id}`,
      async (page) => {
        for (const chart of ['loss', 'validationLoss', 'mae', 'validationMae', 'learningRate', 'gradientNorm', 'gradients', 'seconds'])
          await page.locator(`[data-chart="${chart}"] canvas`).waitFor()
        for (const chart of ['weights', 'predictions']) await page.locator(`[data-chart="${chart}"]`).waitFor()
        for (const of of ['weight', 'gradient']) {
          const chart = page.locator(`[data-chart="${of}Histograms"]`)
          await chart.scrollIntoViewIfNeeded()
          await chart.getByRole('img', { name: `How the ${of}s of layers.0.weight lie in 3 epochs` }).waitFor()
          await chart.getByLabel('Parameter of').selectOption('layers.0.bias')
          await chart.getByRole('img', { name: `How the ${of}s of layers.0.bias lie in 3 epochs` }).waitFor()
        }
        await page.locator('[data-chart="loss"]').getByText('Table').click()
        const losses = (await api.epochs(trained.id)).map(({ loss }) => Number(loss))
        const rows = page.locator('[data-chart="loss"] tbody tr td:nth-child(2)')
        await rows.nth(losses.length - 1).waitFor()
        for (const [row, text] of (await rows.allTextContents()).entries())
          assert.ok(Math.abs(Number(text) / (losses[row] ?? 0) - 1) < 1e-4, text)
        await page.locator('.config .default', { hasText: '"shuffle": true' }).first().waitFor()
        assert.doesNotMatch((await page.locator('.config .default').allTextContents()).join(), /learningRate/)
        await page.getByText(`curl -s ${product.url}/v1/jobs`).waitFor()
        const saved = page.waitForEvent('download')
        await page.getByRole('button', { name: 'NumPy npz', exact: true }).click()
        assert.match((await saved).suggestedFilename(), /npz$/)
        assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, 'nothing sticks out')
        await assertAccessibleInBoth(page, `a job, ${name}`)
      },
      options,
    ))
}

test('a job that tells classes apart has its confusion matrix, and one that diverged says why', async (t) => {
  if (!browser) return skipWithoutBrowser(t)
  const classes = await api.train({
    ...config,
    dataset: { synthetic: { kind: 'blobs', examples: 90, seed: 1 } },
    model: { layers: [{ type: 'dense', units: 3 }] },
    loss: { type: 'crossEntropy' },
    metrics: ['accuracy'],
  })
  const diverged = await api.ended((await api.submit({ ...config, optimizer: { type: 'sgd', learningRate: 1000 } })).id)
  await at(t, `/jobs/${classes.id}`, async (page) => {
    await page.locator('[data-chart="confusionMatrix"]').waitFor()
    const cells = await page.locator('[data-chart="confusionMatrix"] tbody td').allTextContents()
    const counts = (classes.result as { confusionMatrix?: { counts: number[][] } } | null)?.confusionMatrix?.counts ?? []
    assert.deepEqual(cells.map(Number), counts.flat())
    await page.goto(`${product.url}/jobs/${diverged.id}`)
    await page.getByRole('alert').getByText('LOSS_DIVERGED').waitFor()
    await assertAccessible(page, 'a job that diverged')
  })
})

test('arrow keys tell the values of a curve, and buttons zoom into it and out again', (t) =>
  at(t, `/jobs/${trained.id}`, async (page) => {
    const chart = page.locator('[data-chart="loss"]')
    await chart.locator('.plot').press('Home')
    await chart.getByText('epoch 1', { exact: true }).waitFor()
    await chart.locator('.plot').press('ArrowRight')
    await chart.getByText('epoch 2', { exact: true }).waitFor()
    await chart.getByRole('button', { name: /^Zoom into/ }).click()
    await chart.getByRole('button', { name: 'Whole' }).click()
    await chart.getByRole('button', { name: 'Whole' }).waitFor({ state: 'detached' })
    await chart.getByRole('button', { name: /^log scale/ }).click()
    await chart.getByRole('button', { name: /^log scale/, pressed: false }).waitFor()
  }))

test('the curve of a running job grows, and its buttons pause it, let it go on and cancel it', async (t) => {
  if (!browser) return skipWithoutBrowser(t)
  const job = await api.submit(endless)
  await api.until(job.id, ({ progress }) => progress.epoch > 0)
  await at(t, `/jobs/${job.id}`, async (page) => {
    const legend = page.locator('[data-chart="loss"] .legend')
    const first = /epoch ([\d,]+)/.exec((await legend.textContent()) ?? '')?.[0] ?? ''
    await page.locator('[data-chart="loss"] .legend', { hasNotText: new RegExp(`${first}(?![\\d,])`) }).waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('paused', { exact: true }).first().waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByText('running', { exact: true }).first().waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Cancel it' }).click()
    await page.getByText('cancelled', { exact: true }).first().waitFor()
    await page.getByRole('button', { name: 'Delete' }).waitFor()
  })
})

test('jobs are found by metadata and status in the address, and several are deleted at once', async (t) => {
  if (!browser) return skipWithoutBrowser(t)
  const jobs = [await api.train({ ...config, metadata: { batch: 'a b' } }), await api.train({ ...config, metadata: { batch: 'a b' } })]
  await at(t, '/jobs', async (page) => {
    await page.getByLabel('Metadata').fill('batch="a b"')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('link', { name: trained.id }).waitFor({ state: 'detached' })
    await page.getByLabel('Status').selectOption('succeeded')
    assert.deepEqual(Object.fromEntries(new URL(page.url()).searchParams), { metadata: 'batch="a b"', status: 'succeeded' })
    await page.reload()
    for (const { id } of jobs) await page.getByRole('link', { name: id }).waitFor()
    await page.getByLabel('Choose all jobs of this page').check()
    await page.getByRole('button', { name: 'Delete 2' }).click()
    await page.getByRole('button', { name: 'Delete them' }).click()
    await page.getByText('2 jobs deleted.').waitFor()
    await page.getByText('No job is like that.').waitFor()
  })
  for (const { id } of jobs) assert.equal((await api.call('GET', `/v1/jobs/${id}`)).status, 404)
  assert.equal((await api.call('GET', `/v1/jobs/${trained.id}`)).status, 200)
})

test('a page whose service does not answer says so, and goes on by itself where it was', (t) =>
  at(t, `/compare?job=${trained.id}`, async (page) => {
    await page.getByRole('row', { name: trained.id }).waitFor()
    await page.context().setOffline(true)
    await page.getByLabel('Metric').selectOption('validationLoss')
    await page.getByRole('alert').getByText('The service cannot be reached').waitFor()
    await assertAccessible(page, 'a service that does not answer')
    await page.context().setOffline(false)
    await page.locator('[data-chart="validationLoss"]').waitFor()
    await page.getByRole('alert').waitFor({ state: 'detached' })
  }))

test('names that clients gave stay text, and cannot turn what stands around them', async (t) => {
  if (!browser) return skipWithoutBrowser(t)
  const name = '<script>alert(1)</script>\u202eevil'
  const { id } = await api.train({ ...config, metadata: { name, '<img src=x onerror=alert(2)>': '😀'.repeat(200) } })
  await at(t, `/jobs/${id}`, async (page) => {
    page.on('dialog', () => assert.fail('a script of a client ran'))
    await page.getByRole('definition').filter({ hasText: name }).waitFor()
    const request = (await page.getByRole('group', { name: 'Request in curl' }).textContent()) ?? ''
    assert.ok(request.includes('<script>alert(1)</script>\\u202eevil') && !request.includes('\u202e'), 'an escape in what is copied')
    assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, 'nothing sticks out')
    await page.goto(product.url)
    await page.getByRole('link', { name: id }).waitFor()
  })
})
