/** The page's views of datasets, new jobs and comparisons in a real browser: wide and narrow, light and dark, without a violation that axe sees. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { assertAccessible } from '../support/e2e/accessibility.ts'
import { launchBrowser, skipWithoutBrowser, withPage } from '../support/e2e/browser.ts'
import { discard, type Product, root, startProduct } from '../support/e2e/product.ts'

let product: Product
let browser: Browser | undefined
before(async () => {
  product = await startProduct()
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await discard(product)
})

const looks: [string, BrowserContextOptions][] = [
  ['wide and light', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }],
  ['narrow and dark', { viewport: { width: 390, height: 800 }, colorScheme: 'dark' }],
]

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
        await assertAccessible(page, `${path}, ${name}`)
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
    assert.match((await species.textContent()) ?? '', /Adelie152.*category/)
    await page.getByLabel('With', { exact: true }).selectOption('Body Mass (g)')
    await page.getByRole('row', { name: /^Flipper Length.*0\.871/ }).waitFor()
    await page.getByRole('button', { name: 'Next rows' }).click()
    await page.getByText('21–40 of 344 rows').waitFor()
    assert.deepEqual(new URL(page.url()).search, '?label=Body+Mass+%28g%29&offset=20', 'a link shows the same')
    assert.equal(await page.getByRole('link', { name: 'Train on this' }).getAttribute('href'), `/new?dataset=${id}`)
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
      document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }))
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
  })
  assert.equal((await product.api.call('GET', `/v1/datasets/${id}`)).status, 404)
})
