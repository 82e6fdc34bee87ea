/** The page's views of datasets, new jobs and comparisons in a real browser: wide and narrow, light and dark, without a violation that axe sees. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { assertAccessible, assertAccessibleInBoth } from '../support/e2e/accessibility.ts'
import { eventually, launchBrowser, skipWithoutBrowser, withPage } from '../support/e2e/browser.ts'
import { looks } from '../support/e2e/looked-at.ts'
import { discard, type Product, root, startProduct } from '../support/e2e/product.ts'

let product: Product
let browser: Browser | undefined
/** A host that tables may be fetched from; it begins `endless.csv` and never ends it. */
const source = createServer(({ url }, response) => {
  response.writeHead(200, { 'content-type': 'text/csv' })
  if (url === '/endless.csv') response.write('x,y\n1,2\n')
  else response.end(url === '/ragged.csv' ? 'x,y\n1,2\n3,4,5\n' : 'x,y\n1,2\n3,4\n')
})
before(async () => {
  source.listen(0, '127.0.0.1')
  await once(source, 'listening')
  product = await startProduct({ IMPORT_HOSTS: hostOf(source), OUTBOUND_ALLOW_HTTP: 'true', OUTBOUND_ALLOW_PRIVATE: 'true' })
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await discard(product)
  source.close()
  source.closeAllConnections()
})

const hostOf = (server: typeof source): string => `127.0.0.1:${(server.address() as AddressInfo).port}`

const at = async (t: TestContext, path: string, look: (page: Page) => Promise<void>, options?: BrowserContextOptions): Promise<void> => {
  if (!browser) return skipWithoutBrowser(t)
  await withPage(browser, product.url + path, look, options)
}

/** Both looks at a view, once `ready` is to be seen. */
const assertLooks = async (t: TestContext, path: string, ready: (page: Page) => Promise<unknown>): Promise<void> => {
  for (const [name, options] of looks)
    await at(
      t,
      path,
      async (page) => {
        await ready(page)
        assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, `${path} sticks out, ${name}`)
        await assertAccessibleInBoth(page, `${path}, ${name}`)
      },
      options,
    )
}

test('a file that is chosen becomes a dataset whose columns, rows and correlations are shown', async (t) => {
  let id = ''
  await at(t, '/datasets', async (page) => {
    await page.getByLabel('choose files').setInputFiles(join(root, 'examples/penguins.csv'))
    await page.getByRole('link', { name: 'Look at it' }).click()
    await page.getByRole('img', { name: /^Histogram of Body Mass/ }).waitFor()
    id = new URL(page.url()).pathname.split('/').at(-1) ?? ''
    const species = page.getByRole('row', { name: /^Species/ }).first()
    await eventually(page, async () => assert.match((await species.textContent()) ?? '', /Adelie152.*category/))
    await page.getByLabel('With', { exact: true }).selectOption('Body Mass (g)')
    await page.getByRole('row', { name: /^Flipper Length.*0\.871/ }).waitFor()
    await page.getByRole('button', { name: 'Next rows' }).click()
    await page.getByText('21–40 of 344 rows').waitFor()
    assert.deepEqual(new URL(page.url()).search, '?label=Body+Mass+%28g%29&offset=20', 'a link shows the same')
    await eventually(page, async () =>
      assert.equal(await page.getByRole('link', { name: 'Train on this' }).getAttribute('href'), `/new?dataset=${id}`),
    )
  })
  if (!browser) return
  await assertLooks(t, '/datasets', (page) => page.getByRole('link', { name: id }).waitFor())
  await assertLooks(t, `/datasets/${id}`, (page) => page.getByRole('cell', { name: 'Torgersen' }).first().waitFor())
})

test('a file that is dropped and wrong is refused with line, column and value', (t) =>
  at(t, '/datasets', async (page) => {
    await page.getByText('Drop a table here').waitFor()
    await page.evaluate(`{
      const files = new DataTransfer()
      files.items.add(new File(['x,y\\n1,2\\n3,4,5\\n'], 'ragged.csv'))
      document.querySelector('h1').dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }))
    }`)
    const row = page.getByRole('group', { name: 'What is wrong with ragged.csv' }).getByRole('row').nth(1)
    assert.equal(await row.getByRole('cell').first().textContent(), '3', 'the line')
    await assertAccessible(page, 'a refused file')
  }))

test('a large file is sent in parts, and what cannot be a table by its name is not sent at all', (t) =>
  at(t, '/datasets', async (page) => {
    const requests: string[] = []
    page.on('request', (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname.replace(/upl_\w+/, 'ID')}`))
    const row = `1,${'long text '.repeat(5000)}\n`
    const large = Buffer.from(row.repeat(Math.ceil((17 * 1024 * 1024) / row.length)))
    await page.getByLabel('choose files').setInputFiles([
      { name: 'large.csv', mimeType: 'text/csv', buffer: large },
      { name: 'sheet.xlsx', mimeType: 'application/octet-stream', buffer: Buffer.from('PK') },
    ])
    await page.getByText(/^sheet\.xlsx was not stored/).waitFor()
    await page.getByText(/rows of 2 columns/).waitFor()
    const sent = requests.filter((request) => !request.startsWith('GET'))
    assert.deepEqual(sent, ['POST /v1/uploads', ...[1, 2, 3].map((n) => `PUT /v1/uploads/ID/parts/${n}`), 'POST /v1/uploads/ID/complete'])
  }))

test('a table is fetched from an address, cancelled on the way, and refused with what is wrong with it', (t) =>
  at(t, '/datasets', async (page) => {
    const begin = async (address: string) => {
      await page.getByLabel('Or from an address').fill(address)
      await page.getByLabel('Or from an address').press('Enter')
    }
    const from = (name: string) => `http://${hostOf(source)}/${name}`
    await begin('http://other.example/table.csv')
    await page
      .getByRole('alert')
      .getByText(/the operator lists hosts in IMPORT_HOSTS/)
      .waitFor()
    await begin(from('endless.csv'))
    await page.getByText(/^8 B fetched/).waitFor()
    await assertAccessible(page, 'an import on its way')
    await page.reload()
    await page.getByRole('button', { name: `Cancel the import of ${from('endless.csv')}` }).click()
    await page.getByText('was cancelled; nothing of it is stored').waitFor()
    await begin(from('ragged.csv'))
    const row = page
      .getByRole('group', { name: `What is wrong with ${from('ragged.csv')}` })
      .getByRole('row')
      .nth(1)
    assert.equal(await row.getByRole('cell').first().textContent(), '3', 'the line')
    await begin(from('table.csv'))
    const stored = (await page.getByRole('link', { name: 'Look at it' }).getAttribute('href'))?.split('/').at(-1)
    await page.getByRole('link', { name: stored }).waitFor()
  }))

test('chosen datasets are deleted after a question, by keyboard alone', async (t) => {
  const { id } = await product.api.upload({ rows: [{ x: 1 }, { x: 2 }] })
  await at(t, '/datasets', async (page) => {
    await page.getByLabel(`Choose ${id}`).focus()
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: 'Delete 1' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).press('Enter')
    await page.getByText('1 dataset deleted.').waitFor()
    await page.getByRole('link', { name: id }).waitFor({ state: 'detached' })
    await page.getByLabel('Made from').fill('2031-05-01')
    await page.getByText('No dataset was made then.').waitFor()
    assert.equal(new URL(page.url()).search, '?from=2031-05-01')
  })
  assert.equal((await product.api.call('GET', `/v1/datasets/${id}`)).status, 404)
})

test('the form and the JSON of a new job follow each other, and errors stand beside their fields', (t) =>
  at(t, '/new?example=huber-regression', async (page) => {
    const json = page.getByLabel('JSON', { exact: true })
    const config = async () => JSON.parse(await json.inputValue())
    await page.getByText('Steps per epoch').waitFor()
    await eventually(page, async () => assert.equal(await page.getByLabel('delta', { exact: true }).inputValue(), '1'))
    await page.getByLabel('loss', { exact: true }).selectOption('mse')
    await eventually(page, async () =>
      assert.deepEqual((await config()).loss, { type: 'mse', reduction: 'mean' }, 'what both losses know is kept'),
    )
    await page.getByLabel('learningRate', { exact: true }).fill('-1')
    const rate = page.getByLabel('learningRate', { exact: true })
    await page.locator('.field', { has: rate }).locator('.error').waitFor()
    await eventually(page, async () => assert.equal(await rate.getAttribute('aria-invalid'), 'true'))
    await assertAccessible(page, 'a field that is wrong')
    await json.fill('{"dataset": ')
    await page.getByText('The form shows the last JSON that could be read').waitFor()
    assert.equal(await json.inputValue(), '{"dataset": ')
    await eventually(page, async () => assert.equal(await page.getByRole('button', { name: 'Train' }).isDisabled(), true))
    await json.fill(JSON.stringify({ dataset: { synthetic: { kind: 'moons' } }, training: { epochs: 4, seed: 1 } }))
    await page.getByText(/^Chosen by the service: .*model/).waitFor()
    await eventually(page, async () => assert.equal(await page.getByLabel('epochs', { exact: true }).inputValue(), '4'))
    await page.getByRole('button', { name: 'Add layer' }).click()
    await page.getByLabel('units', { exact: true }).fill('2')
    await page.getByLabel('activation', { exact: true }).selectOption('leakyRelu')
    await page.getByLabel('negativeSlope').fill('0.2')
    const layers = [{ type: 'dense', units: 2, activation: { type: 'leakyRelu', negativeSlope: 0.2 } }]
    await eventually(page, async () => assert.deepEqual((await config()).model, { layers }))
  }))

test('a job of one line for a dataset is trained once, however often the button is pressed', async (t) => {
  const { id } = await product.api.upload({ rows: [...Array(50).keys()].map((x) => ({ x, y: 2 * x })) })
  if (browser) await assertLooks(t, `/new?dataset=${id}`, (page) => page.getByText('Steps per epoch').waitFor())
  await at(t, `/new?dataset=${id}`, async (page) => {
    await page.getByText(/^Chosen by the service/).waitFor()
    await eventually(page, async () =>
      assert.deepEqual(JSON.parse(await page.getByLabel('JSON', { exact: true }).inputValue()), { dataset: { id, labels: ['y'] } }),
    )
    await page.getByRole('button', { name: 'Train' }).dblclick()
    await page.waitForURL(/\/jobs\/job_/)
    const { data } = await product.api.get<{ data: { id: string; dataset: { id: string } }[] }>('/v1/jobs')
    const made = data.filter(({ dataset }) => dataset.id === id)
    assert.deepEqual(
      made.map((job) => job.id),
      [page.url().split('/').at(-1)],
    )
    await page.goto(`${product.url}/new?job=${made[0]?.id}`)
    await eventually(page, async () => assert.equal(await page.getByLabel('optimizer', { exact: true }).inputValue(), 'adamw'))
  })
})

test('jobs are chosen in the list and compared by curve, settings and best value', async (t) => {
  const jobs = await Promise.all(
    [0.03, 0.003].map((learningRate) => product.api.train({ ...config, optimizer: { type: 'sgd', learningRate } })),
  )
  const [fast, slow] = jobs.map(({ id }) => id)
  const { body: sweep } = await product.api.call<{ id: string }>('POST', '/v1/sweeps', {
    base: config,
    grid: { 'training.batchSize': [10, 50] },
  })
  await at(t, '/jobs', async (page) => {
    await page.getByLabel(`Choose ${fast}`).check()
    await page.getByLabel(`Choose ${slow}`).check()
    await page.getByRole('link', { name: 'Compare 2' }).click()
    await page.locator('[data-chart="loss"] canvas').waitFor()
    const row = (id: string | undefined) => page.getByRole('row', { name: id })
    await eventually(page, async () => assert.match((await row(fast).textContent()) ?? '', /best.*0\.03$|best.*0\.03×$/))
    assert.doesNotMatch((await row(slow).textContent()) ?? '', /best/)
    await page.getByLabel('Metric').selectOption('learningRate')
    await page.locator('[data-chart="learningRate"]').waitFor()
    assert.equal(new URL(page.url()).searchParams.get('metric'), 'learningRate')
    await page.getByRole('button', { name: `Take ${slow} out` }).click()
    await row(slow).waitFor({ state: 'detached' })
    await page.goto(`${product.url}/compare`)
    await page.getByRole('link', { name: sweep.id }).click()
    await page.getByText(/^sweep_.*Ranked by/).waitFor()
    await page.getByRole('columnheader', { name: 'training.batchSize' }).waitFor()
  })
  if (!browser) return
  await assertLooks(t, `/compare?job=${fast}&job=${slow}&job=job_gone`, (page) => page.getByText('There is no job job_gone.').waitFor())
  await assertLooks(t, '/compare', (page) => page.getByRole('link', { name: sweep.id }).waitFor())
})

const config = {
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 100, noiseStd: 0.01, seed: 1 } },
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.03 },
  training: { epochs: 3, batchSize: 10, seed: 1 },
}
