/** The chapters at /learn in a real browser: every step runs, and what is drawn is what the API says. */
import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { assertAccessible } from '../support/e2e/accessibility.ts'
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

const at = async (t: TestContext, path: string, look: (page: Page) => Promise<void>): Promise<void> => {
  if (!browser) return skipWithoutBrowser(t)
  await withPage(browser, product.url + path, look, { viewport: { width: 1280, height: 900 }, colorScheme: 'light' })
}

/** The page as it is, wide and light, then narrow and dark. */
const assertLooks = async (page: Page, name: string): Promise<void> => {
  for (const [width, colorScheme] of [
    [1280, 'light'],
    [390, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme })
    // A curve takes its new width with a frame or two.
    const fits = 'document.documentElement.scrollWidth <= innerWidth'
    for (let frame = 0; frame < 300 && !(await page.evaluate(fits)); frame++) await page.evaluate('new Promise(requestAnimationFrame)')
    assert.equal(await page.evaluate(fits), true, `${name} sticks out, ${colorScheme}`)
    await assertAccessible(page, `${name}, ${colorScheme}`)
  }
  await page.setViewportSize({ width: 1280, height: 900 })
}

/** Runs a step to its end. */
const run = async (step: Locator): Promise<void> => {
  await step.getByRole('button', { name: /^Run/ }).press('Enter')
  await step.getByText('The answer is here.').or(step.getByRole('alert')).first().waitFor({ state: 'attached' })
  await step.getByRole('button', { name: /^Stop/ }).waitFor({ state: 'detached' })
}

/** The numbers of a row of a table, in its order. */
const numbersOf = async (step: Locator, table: string, row: RegExp): Promise<number[]> => {
  const cells = await step
    .getByRole('group', { name: table, exact: true })
    .getByRole('row', { name: row })
    .getByRole('cell')
    .allTextContents()
  return cells.flatMap((text) => text.split(', ')).map(toNumber)
}
const toNumber = (text: string): number => Number(text.replaceAll('−', '-').replaceAll(',', ''))

const assertClose = (shown: readonly (number | undefined)[], wanted: readonly (number | undefined)[]): void => {
  assert.equal(shown.length, wanted.length, `${shown} and ${wanted}`)
  for (const [place, value] of wanted.entries())
    assert.ok(Math.abs(Number(shown[place]) - Number(value)) <= 1e-6 + 1e-3 * Math.abs(Number(value)), `${shown} and ${wanted}`)
}

const linkedId = async (step: Locator, name: string | RegExp): Promise<string> => {
  const address = await step.getByRole('link', { name }).getAttribute('href')
  return /(?:job|ds|sweep)_\w+/.exec(address ?? '')?.[0] ?? ''
}

/** What a chapter shows after all of its steps were run, beside what the API says. */
const comparisons: Record<string, (step: (id: string) => Locator) => Promise<void>> = {
  'from-scratch': async (step) => {
    const { api } = product
    const dataset = await linkedId(step('data'), 'All of the dataset')
    const batch = await api.get<{ features: number[][]; labels: number[][] }>(`/v1/datasets/${dataset}/batch?batchSize=10&seed=1`)
    assertClose(await numbersOf(step('batch'), 'The mini-batch', /^3 /), [...(batch.features[2] ?? []), ...(batch.labels[2] ?? [])])

    const byHand = 'The step: each parameter less the learning rate times its gradient'
    const rows = await Promise.all(['w1', 'w2', 'b'].map((name) => numbersOf(step('by-hand'), byHand, new RegExp(`^${name} `))))
    const job = await linkedId(step('autograd'), 'All of the job')
    const gradients = (await api.gradients(job)).flatMap(({ values }) => values)
    assertClose(
      rows.map(([, gradient]) => gradient),
      gradients,
    )
    assertClose(
      rows.map((row) => row[3]),
      (await api.weights(job)).parameters.flatMap(({ values }) => values),
    )

    const loop = step('loop')
    const [, loopJob] = [await loop.getByText('Table').click(), await linkedId(loop, 'All of the job')]
    const losses = (await api.epochs(loopJob)).map(({ loss }) => Number(loss))
    assertClose((await loop.locator('[data-chart="loss"] tbody td:nth-child(2)').allTextContents()).map(toNumber), losses)
    const [weight] = (await api.weights(loopJob)).parameters
    assertClose([(await numbersOf(loop, 'Learned weights and true ones', /^weight 2/))[2]], [weight?.values[1]])

    const one = step('step')
    for (const [button, update] of Object.entries({ 'One more step': 2, 'Ten more': 12 })) {
      await one.getByRole('button', { name: button }).click()
      const heading = one.getByRole('heading', { name: new RegExp(`^Step ${update}:`) })
      await heading.first().waitFor()
    }
    await one.getByText('Table').click()
    await one.locator('[data-chart="descentLoss"] tbody tr').nth(11).waitFor()
    assert.equal(await one.locator('[data-chart="descentLoss"] tbody tr').count(), 12)
    await one.getByLabel('weights w').fill('[0, 0, 0]')
    await one.getByLabel('weights w').press('Enter')
    await one.locator('.field .error').getByText('must be a list of 2 numbers, one per feature; got 3').waitFor()
  },
  'in-a-few-lines': async (step) => {
    const job = await linkedId(step('train'), 'All of the job')
    const { body } = await product.api.call<{ predictions: number[][] }>('POST', `/v1/jobs/${job}/predictions`, { features: [[1.5, -0.5]] })
    const [, , prediction, byHand] = await numbersOf(step('predict'), 'Predictions', /^4 /)
    assertClose([prediction, byHand], [Number(body.predictions.flat()[0]), Number(body.predictions.flat()[0])])
  },
  'mean-or-sum': async (step) => {
    const first = step('mean-and-sum')
    const sweep = await product.api.get<{ jobs: { position: number; loss: number; metrics: { rmse: number } }[] }>(
      `/v1/sweeps/${await linkedId(first, 'Compare 4 jobs')}`,
    )
    const [mean, sum] = sweep.jobs.toSorted((a, b) => a.position - b.position)
    assertClose((await numbersOf(first, 'What came of each job', /^mean/)).slice(0, 2), [mean?.loss, mean?.metrics.rmse])
    assertClose((await numbersOf(first, 'What came of each job', /^sum, learningRate 0.003/)).slice(0, 2), [sum?.loss, mean?.metrics.rmse])
    assert.match((await first.getByRole('row', { name: /^sum, learningRate 0.3/ }).textContent()) ?? '', /LOSS_DIVERGED/)
  },
  'losses-and-first-weights': async (step) => {
    assert.match((await step('huber').locator('.facts').textContent()) ?? '', /1\.5133/)
    const squared = await numbersOf(step('lines'), 'What came of each job', /^mse/)
    const huber = await numbersOf(step('lines'), 'What came of each job', /^huber/)
    assert.ok(Math.abs((huber[2] ?? 0) - 2) < 0.15 && Math.abs((squared[2] ?? 0) - 2) > 1, 'the outlier turns one line alone')
    assert.equal(await step('lines').locator('[data-chart="lines"] .scatter line[stroke-width]').count(), 3)
  },
  questions: async (step) => {
    const sizes = step('sizes')
    assert.equal(await sizes.getByLabel('shape').getAttribute('aria-invalid'), 'true', 'the error stands beside its field')
    await sizes.getByLabel('shape').fill('[2, 1]')
    await sizes.getByLabel('values').fill('[0, 0]')
    await run(sizes)
    await sizes.getByText('layers.0.weight', { exact: true }).waitFor()
    assert.match(
      (await step('zeros-hidden')
        .getByRole('row', { name: /^constant/ })
        .textContent()) ?? '',
      /1 of 8/,
    )
  },
}

for (const [chapter, compare] of Object.entries(comparisons))
  test(`every step of the chapter ${chapter} runs by keyboard, shows what the API says, and is accessible, wide and narrow, light and dark`, (t) =>
    at(t, '/learn', async (page) => {
      await page.locator(`a[href="/learn/${chapter}"]`).first().click()
      await page.locator('.lesson-step').first().waitFor()
      for (const step of await page.locator('.lesson-step').all()) await run(step)
      await compare((id) => page.locator(`.lesson-step[id="${id}"]`))
      await assertLooks(page, chapter)
    }))

test('a chapter that is left cancels what it trains, and a step opens as a new job as it was changed', (t) =>
  at(t, '/learn/questions', async (page) => {
    const step = page.locator('#ten-epochs')
    await step.getByLabel('epochs').fill('1000000')
    await step.getByRole('button', { name: /^Run/ }).press('Enter')
    await step.locator('.facts').getByText('running').waitFor()
    const id = await linkedId(step, 'All of the job')
    await step.getByRole('link', { name: /^Open as a new job/ }).click()
    const config = JSON.parse(await page.getByLabel('JSON', { exact: true }).inputValue())
    assert.deepEqual([config.training.epochs, config.metadata], [1_000_000, { learn: 'questions' }])
    assert.equal((await product.api.ended(id)).status, 'cancelled')
    await page.goto(`${product.url}/learn/none`)
    await page.getByText('There is no chapter none.').waitFor()
  }))

test('a job that ends while its page is being opened is shown as ended', (t) =>
  at(t, '/jobs', async (page) => {
    const config = {
      dataset: { synthetic: { kind: 'linear', weights: [2] } },
      model: { layers: [{ type: 'dense', units: 1 }] },
      loss: { type: 'mse' },
      optimizer: { type: 'sgd', learningRate: 0.03 },
      training: { epochs: 1_000_000, batchSize: 10 },
      record: { gradients: 'norm' },
    }
    const { id } = await product.api.submit(config)
    await product.api.until(id, ({ status }) => status === 'running')
    // After the page has read the job, and before it reads the last events.
    await page.route(/\/events\?after=\d+&limit=1000$/, async (route) => {
      await product.api.call('POST', `/v1/jobs/${id}/cancel`)
      await product.api.ended(id)
      await route.continue()
    })
    await page.goto(`${product.url}/jobs/${id}`)
    await page.getByText('cancelled', { exact: true }).first().waitFor()
    await page.getByRole('button', { name: 'Cancel', exact: true }).waitFor({ state: 'detached' })
  }))
