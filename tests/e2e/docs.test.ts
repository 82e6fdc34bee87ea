/** The documentation page renders in a real browser and asks no other host for anything. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, type TestContext, test } from 'node:test'
import { chromium, type Page } from 'playwright-core'
import { discard, type Product, startProduct } from '../support/e2e/product.ts'

const browsers = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = browsers.find((path) => path && existsSync(path))

let product: Product
before(async () => {
  product = await startProduct()
})
after(() => discard(product))

/** Opens the documentation at an operation in a browser of its own, where there is one, and looks at it. */
const withPage = async (t: TestContext, path: string, look: (page: Page) => Promise<void>): Promise<void> => {
  if (!executablePath) return t.diagnostic('no Chromium on this machine (Debian: apt-get install chromium): the page was not rendered')
  const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']
  const browser = await chromium.launch({ executablePath, args: [...flags, '--disable-component-update', '--disable-sync'] })
  try {
    const page = await browser.newPage()
    const foreign: string[] = []
    const errors: string[] = []
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url())
      if (protocol.startsWith('http') && origin !== new URL(product.url).origin) foreign.push(request.url())
    })
    page.on('pageerror', (error) => errors.push(error.message))
    await page.goto(`${product.url}/docs/${path}`, { waitUntil: 'networkidle' })
    await look(page)
    assert.deepEqual(foreign, [], 'requests to other hosts')
    assert.deepEqual(errors, [], 'errors on the page')
  } finally {
    await browser.close()
  }
}

test('/docs shows the operations of the API without a request to another host', (t) =>
  withPage(t, '', (page) => page.getByText('/v1/datasets', { exact: false }).first().waitFor({ timeout: 60_000 })))

test('/docs shows a curl with a host, and sends its example request as often as one likes', (t) =>
  withPage(t, '#tag/jobs/POST/v1/jobs', async (page) => {
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
