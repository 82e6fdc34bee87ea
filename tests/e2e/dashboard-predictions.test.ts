/** Predictions for whole datasets on the page of a job, in a real browser: asked for, watched, saved and deleted by keyboard. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { assertAccessibleInBoth } from '../support/e2e/accessibility.ts'
import { createApi, type Job } from '../support/e2e/api.ts'
import { launchBrowser, skipWithoutBrowser, withPage } from '../support/e2e/browser.ts'
import { config, looks } from '../support/e2e/looked-at.ts'
import { discard, type Product, startProduct } from '../support/e2e/product.ts'

let product: Product
let browser: Browser | undefined
let trained: Job
before(async () => {
  product = await startProduct({})
  browser = await launchBrowser()
  trained = await createApi(product.url).train(config)
})
after(async () => {
  await browser?.close()
  await discard(product)
})

test('a job predicts for a dataset, whose rows are saved as a file, by keyboard', async (t) => {
  if (!browser) return skipWithoutBrowser(t)
  const { api } = product
  const rows = Array.from({ length: 30 }, (_, at) => ({ x1: at / 10, x2: 1 - at / 10, y: at }))
  const { body: dataset } = await api.call('POST', '/v1/datasets', { name: 'the new ones', rows })
  for (const [name, options] of looks)
    await withPage(
      browser,
      `${product.url}/jobs/${trained.id}`,
      async (page) => {
        const card = page.getByRole('region', { name: 'Predictions for datasets' })
        await card.getByLabel('Dataset').selectOption({ label: 'the new ones, 30 rows' })
        await card.getByLabel('Output').selectOption('raw')
        await card.getByRole('button', { name: 'Predict all rows' }).press('Enter')
        const row = card.getByRole('row', { name: 'raw' })
        await row.getByText('succeeded').waitFor()
        await row.getByText(/^loss .*mae /).waitFor()
        const [file] = await Promise.all([page.waitForEvent('download'), row.getByRole('button', { name: 'CSV' }).press('Enter')])
        assert.match(file.suggestedFilename(), /^pred_\w+\.csv$/)
        const lines = (await readFile(await file.path(), 'utf8')).trimEnd().split('\n')
        assert.deepEqual([lines.length, lines[0]], [31, 'row,prediction'])
        await assertAccessibleInBoth(page, `predictions, ${name}`)
        assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, `nothing sticks out, ${name}`)
        await row.getByRole('button', { name: 'Delete' }).press('Enter')
        await row.waitFor({ state: 'detached' })
      },
      options,
    )
  assert.equal((await api.call('DELETE', `/v1/datasets/${(dataset as { id: string }).id}`)).status, 204)
})
