/** The documentation page renders in a real browser and asks no other host for anything. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { chromium } from 'playwright-core'
import { discard, type Product, startProduct } from '../support/e2e/product.ts'

const browsers = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = browsers.find((path) => path && existsSync(path))

let product: Product
before(async () => {
  product = await startProduct()
})
after(() => discard(product))

test('/docs shows the operations of the API without a request to another host', async (t) => {
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
    await page.goto(`${product.url}/docs`, { waitUntil: 'networkidle' })
    await page.getByText('/v1/datasets', { exact: false }).first().waitFor({ timeout: 60_000 })
    assert.deepEqual(foreign, [], 'requests to other hosts')
    assert.deepEqual(errors, [], 'errors on the page')
  } finally {
    await browser.close()
  }
})
