/** The page at / by keyboard alone: every view is reached, and in it everything that a mouse could use. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { assertAccessible } from '../support/e2e/accessibility.ts'
import { launchBrowser, skipWithoutBrowser, withPage } from '../support/e2e/browser.ts'
import { config } from '../support/e2e/looked-at.ts'
import { discard, type Product, startProduct } from '../support/e2e/product.ts'

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

/** Presses of Tab after which a view must have been gone through. */
const maxPresses = 600
/** How often a view is gone through. */
const maxRounds = 4
const interactive = 'a[href], button, input, select, textarea, summary, [tabindex="0"]'

/** Presses Tab until something has the focus that is like that, and maybe a key then. */
const tabTo = async (page: Page, selector: string, key?: string): Promise<void> => {
  for (let presses = 0; presses < maxPresses; presses++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`))
      return key ? page.keyboard.press(key) : undefined
  }
  assert.fail(`Tab never leads to ${selector}`)
}

/** Goes through a view until everything that can be used had the focus, which is always seen. What comes into sight late is there the next time. */
const walk = async (page: Page, what: string): Promise<void> => {
  await page.evaluate('globalThis.seen = new Set()')
  for (let rounds = 1; ; rounds++) {
    await goThrough(page, what)
    const missed = await page.evaluate(`(() => {
      const isReachable = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0 &&
        // Of radio buttons one is reached by Tab, the others by arrows.
        !(one.type === 'radio' && !one.checked)
      return [...document.querySelectorAll(${JSON.stringify(interactive)})].filter((one) => isReachable(one) && !seen.has(one)).map((one) => one.outerHTML.slice(0, 200))
    })()`)
    if (rounds < maxRounds && (missed as string[]).length > 0) continue
    return assert.deepEqual(missed, [], `${what}: never reached`)
  }
}

/** From the beginning of the page until the focus has left it. */
const goThrough = async (page: Page, what: string): Promise<void> => {
  await page.evaluate('document.body.tabIndex = -1; document.body.focus()')
  const step = `(() => {
    const now = document.activeElement
    if (now === document.body) return { isOver: true }
    seen.add(now)
    const { outlineStyle, boxShadow } = getComputedStyle(now)
    const { width, height } = now.getBoundingClientRect()
    // Within a date the browser shows which of its parts has the focus.
    return { isSeen: (now.type === 'date' || outlineStyle !== 'none' || boxShadow !== 'none') && width * height > 0, what: now.outerHTML.slice(0, 200) }
  })()`
  for (let presses = 0; ; presses++) {
    assert.ok(presses < maxPresses, `${what} has no end`)
    await page.keyboard.press('Tab')
    const now = (await page.evaluate(step)) as { isOver?: true; isSeen: boolean; what: string }
    if (now.isOver) return
    assert.ok(now.isSeen, `${what}: nobody sees that this has the focus: ${now.what}`)
  }
}

test('every view is reached and gone through by keyboard alone', async (t) => {
  if (!browser) return skipWithoutBrowser(t)
  const job = await product.api.train(config)
  const table = { features: [[1], [2], [3]], labels: [[2], [4], [6]], name: 'by keyboard' }
  const { body: dataset } = await product.api.call<{ id: string }>('POST', '/v1/datasets', table)
  await withPage(browser, product.url, async (page) => {
    const view = async (selector: string, isThere: () => Promise<void>, what: string): Promise<void> => {
      await tabTo(page, selector, 'Enter')
      await isThere()
      await walk(page, what)
    }
    await page.getByRole('link', { name: job.id }).waitFor()
    await walk(page, 'the list of jobs')
    await view(`a[href="/jobs/${job.id}"]`, () => page.locator('[data-chart="predictions"]').waitFor(), 'a job')
    await view('nav a[href="/datasets"]', () => page.getByRole('link', { name: dataset.id }).waitFor(), 'the list of datasets')
    await view(`a[href="/datasets/${dataset.id}"]`, () => page.getByRole('heading', { name: 'Columns' }).waitFor(), 'a dataset')
    await view('nav a[href="/compare"]', () => page.getByRole('heading', { name: 'Sweeps' }).waitFor(), 'the sweeps')
    await view('nav a[href="/new"]', () => page.getByRole('heading', { name: 'New job' }).waitFor(), 'a new job')
    await view('nav a[href="/learn"]', () => page.locator('a[href^="/learn/"]').first().waitFor(), 'the walk-throughs')
    await view('a[href^="/learn/"]', () => page.locator('main button').first().waitFor(), 'a walk-through')
  })
})

test('a comparison is sorted by each of its columns, by keyboard too', async (t) => {
  if (!browser) return skipWithoutBrowser(t)
  const rates = [0.01, 0.1, 0.001]
  const jobs = await Promise.all(
    rates.map((learningRate) => product.api.train({ ...config, optimizer: { type: 'sgd', learningRate }, metadata: {} })),
  )
  const losses = jobs.map(({ progress }) => Number(progress.latestLoss))
  await withPage(browser, `${product.url}/compare?${jobs.map(({ id }) => `job=${id}`).join('&')}`, async (page) => {
    const rows = page.locator('table', { hasText: 'Jobs side by side' }).locator('tbody tr')
    await rows.nth(2).waitFor()
    await page.locator('[data-chart="loss"] canvas').waitFor()
    const order = async (): Promise<number[]> =>
      (await rows.locator('th a').allTextContents()).map((shown) => jobs.findIndex(({ id }) => id === shown.trim()))
    const sorted = (values: number[]) => values.map((_, at) => at).sort((one, other) => (values[one] ?? 0) - (values[other] ?? 0))
    const heads = page.locator('th[aria-sort]')
    const count = await heads.count()
    assert.ok(count >= 7, `${count} columns`)
    for (let at = 0; at < count; at++) {
      const head = heads.nth(at)
      await head.getByRole('button').press('Enter')
      assert.equal(await head.getAttribute('aria-sort'), 'ascending')
      assert.equal(await page.locator('[aria-sort="ascending"], [aria-sort="descending"]').count(), 1)
    }
    const pressed = async (name: string, key: string, direction: string): Promise<number[]> => {
      const head = page.getByRole('columnheader', { name, exact: true })
      await head.getByRole('button').press(key)
      await page.locator(`th[aria-sort="${direction}"]`).waitFor()
      return order()
    }
    assert.deepEqual(await pressed('optimizer.learningRate', 'Space', 'descending'), sorted(rates).reverse())
    assert.deepEqual(await pressed('Last loss', 'Enter', 'ascending'), sorted(losses))
    assert.deepEqual(await pressed('Last loss', 'Space', 'descending'), sorted(losses).reverse())
    await assertAccessible(page, 'a sorted comparison')
    await page.getByRole('columnheader', { name: 'Last loss', exact: true }).getByRole('button').press('Enter')
    assert.deepEqual([await order(), await page.locator('[aria-sort="none"]').count()], [[0, 1, 2], count])
    assert.equal(new URL(page.url()).searchParams.get('sort'), null)
    // The way back, and a link, have the order too.
    await page.goBack()
    await page.locator('th[aria-sort="descending"]').waitFor()
    assert.deepEqual([await order(), new URL(page.url()).searchParams.get('sort')], [sorted(losses).reverse(), '-last'])
    await page.goBack()
    await page.locator('th[aria-sort="ascending"]').waitFor()
    assert.deepEqual(await order(), sorted(losses))
    await page.goto(`${page.url().split('&sort')[0]}&sort=-optimizer.learningRate`)
    await page.locator('th[aria-sort="descending"]').waitFor()
    assert.deepEqual(await order(), sorted(rates).reverse())
  })
})
