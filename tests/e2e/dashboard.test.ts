/** The page at / in a real browser: wide and narrow, light and dark, by mouse and by keyboard, without a violation that axe sees. */
import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { assertAccessible } from '../support/e2e/accessibility.ts'
import { type Api, createApi, type Job } from '../support/e2e/api.ts'
import { launchBrowser, skipWithoutBrowser, withPage } from '../support/e2e/browser.ts'
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

const config = {
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 100, noiseStd: 0.01, seed: 1 } },
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.03 },
  training: { epochs: 3, batchSize: 10, seed: 1 },
}

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

const looks: [string, BrowserContextOptions][] = [
  ['wide and light', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }],
  ['narrow and dark', { viewport: { width: 390, height: 800 }, colorScheme: 'dark' }],
]

test('a page that asks for a key shows nothing before it has one, and goes on with it', async (t) => {
  if (!browser) return skipWithoutBrowser(t)
  await withPage(browser, product.url, async (page) => {
    const field = page.getByLabel('API key')
    await field.fill('wrong')
    await field.press('Enter')
    await page.getByText('The service does not know this key.').waitFor()
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
        await assertAccessible(page, `the list of jobs, ${name}`)
      },
      options,
    ))
}
