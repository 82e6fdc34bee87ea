/** The documentation page renders in a real browser and asks no other host for anything. */
import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser, skipWithoutBrowser, withPage } from '../support/e2e/browser.ts'
import type { Product } from '../support/e2e/product.ts'
import { sharedProduct } from '../support/e2e/shared-product.ts'

let product: Product
let browser: Browser | undefined
before(async () => {
  product = await sharedProduct()
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
})

/** Opens the documentation at an operation, if there is a browser, and looks at it. */
const withDocs = async (t: TestContext, path: string, look: (page: Page) => Promise<void>): Promise<void> =>
  browser ? withPage(browser, `${product.url}/docs/${path}`, look) : skipWithoutBrowser(t)

test('/docs shows the operations of the API without a request to another host', (t) =>
  withDocs(t, '', (page) => page.getByText('/v1/datasets', { exact: false }).first().waitFor({ timeout: 60_000 })))

test('/docs shows a curl with a host, and sends its example request as often as one likes', (t) =>
  withDocs(t, '#tag/jobs/POST/v1/jobs', async (page) => {
    await page.getByText(`curl '${product.url}/v1/jobs`).first().waitFor({ timeout: 60_000 })
    await page.getByRole('button', { name: /Test Request.*post \/v1\/jobs\)/i }).click()
    const send = page.getByRole('button', { name: /^Send/ }).first()
    await send.waitFor({ timeout: 60_000 })
    for (let time = 0; time < 2; time++) {
      const answered = page.waitForResponse((response) => response.request().method() === 'POST')
      await send.click()
      const answer = await answered
      assert.equal(answer.status(), 202)
      assert.equal(answer.request().headers()['idempotency-key'], undefined)
    }
  }))
