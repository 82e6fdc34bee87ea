/** A real Chromium, if the machine has one, that looks at the pages of a product. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const browsers = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = browsers.find((path) => path && existsSync(path))
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']

/** Undefined if there is none. */
export const launchBrowser = (): Promise<Browser> | undefined =>
  executablePath
    ? chromium.launch({ executablePath, args: [...flags, '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'] })
    : undefined

/** Says that nothing was looked at. */
export const skipWithoutBrowser = (t: TestContext): void =>
  t.skip('no Chromium on this machine (Debian: apt-get install chromium): the page was not rendered')

/**
 * Looks at a page in a context of its own. Fails if the page asks another host for anything, throws, or breaks its
 * Content-Security-Policy.
 */
export const withPage = async (
  browser: Browser,
  address: string,
  look: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> => {
  const context = await browser.newContext(options)
  try {
    const page = await context.newPage()
    page.setDefaultTimeout(60_000)
    const foreign: string[] = []
    const errors: string[] = []
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url())
      if (protocol.startsWith('http') && origin !== new URL(address).origin) foreign.push(request.url())
    })
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy/i.test(message.text())) errors.push(message.text())
    })
    await page.goto(address)
    await look(page)
    assert.deepEqual(foreign, [], 'requests to other hosts')
    assert.deepEqual(errors, [], 'errors on the page')
  } finally {
    await context.close()
  }
}

/** Milliseconds between two looks at a page, and after how many the last one counts. */
const lookMs = 50
const maxLookMs = 30_000

/** Makes an assertion about a page hold, sooner or later: what was typed or asked for is shown some frames on. */
export const eventually = async (page: Page, assertion: () => Promise<void>): Promise<void> => {
  const end = Date.now() + maxLookMs
  for (;;) {
    try {
      return await assertion()
    } catch (error) {
      if (Date.now() > end) throw error
      await page.waitForTimeout(lookMs)
    }
  }
}
