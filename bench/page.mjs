#!/usr/bin/env node
/**
 * What the page costs in a real Chromium: frames of a curve that grows, the time until a long run is drawn, and the API's share of a
 * core while many look at the list of jobs.
 *
 *   node bench/page.mjs [--pages 100] [--epochs 100000] [--json FILE]
 *
 * Everything on one machine, the browser too, which takes most of it. `frames`: milliseconds between two frames of the page while 1,000 epochs
 * come in; `longTasks`: its tasks of more than 50 ms. `drawn`: milliseconds from the click on a link to the curve. `apiShare`: share of a core that
 * the API took. Needs a build (`npm run build`), and a Chromium (CHROMIUM, or where Debian has it).
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { startService, summary } from './service.mjs'

const { values } = parseArgs({
  options: { pages: { type: 'string', default: '100' }, epochs: { type: 'string', default: '100000' }, json: { type: 'string' } },
})

/** One dense layer on so many examples, ten a step. */
const job = (epochs, examples) => ({
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples, noiseStd: 0.01, seed: 1 } },
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.001 },
  training: { epochs, batchSize: 10, seed: 1 },
})

const pause = (ms) => new Promise((done) => setTimeout(done, ms))

const ended = async ({ call }, id) => {
  for (;;) {
    const { status } = await call('GET', `/v1/jobs/${id}?wait=30&waitFor=end`)
    if (!['queued', 'running'].includes(status)) return
  }
}

/** Frames and long tasks of a page, from now on. */
const watchFrames = `window.frames_ = []
window.tasks_ = []
new PerformanceObserver((list) => tasks_.push(...list.getEntries().map(({ duration }) => duration))).observe({ entryTypes: ['longtask'] })
let last = performance.now()
const next = (now) => { frames_.push(now - last); last = now; requestAnimationFrame(next) }
requestAnimationFrame(next)`

/** A curve of 1,000 epochs that come in over some ten seconds. */
const measureLive = async (browser, service) => {
  const page = await browser.newPage()
  const { id } = await service.call('POST', '/v1/jobs', job(1000, 12_000))
  await page.goto(`${service.url}/jobs/${id}`)
  await page.locator('[data-chart="loss"] canvas').waitFor()
  await page.evaluate(watchFrames)
  const began = performance.now()
  await ended(service, id)
  const seconds = (performance.now() - began) / 1000
  const { frames, tasks } = await page.evaluate('({ frames: frames_.slice(1), tasks: tasks_ })')
  await page.close()
  return { seconds: Number(seconds.toFixed(1)), frames: summary(frames), over50: frames.filter((ms) => ms > 50).length, longTasks: tasks }
}

/** Five times from the list to the curve of a long run. */
const measureLong = async (browser, service, epochs) => {
  const { id } = await service.call('POST', '/v1/jobs', job(epochs, 10))
  await ended(service, id)
  const page = await browser.newPage()
  const drawn = []
  for (let round = 0; round < 5; round++) {
    await page.goto(`${service.url}/jobs`)
    const link = page.getByRole('link', { name: id })
    await link.waitFor()
    const began = performance.now()
    await link.click()
    await page.locator('[data-chart="loss"] canvas').waitFor()
    drawn.push(performance.now() - began)
  }
  await page.close()
  return { epochs, drawn: summary(drawn) }
}

const apiCpuMs = (service) => service.processes().find(({ command }) => /src\/server\.js/.test(command))?.cpuMs ?? Number.NaN

/** The API's share of a core over half a minute. */
const shareOf = async (service, seconds = 30) => {
  const before = apiCpuMs(service)
  const began = performance.now()
  await pause(seconds * 1000)
  return Number(((apiCpuMs(service) - before) / (performance.now() - began)).toFixed(3))
}

/** So many lists of jobs, open and visible, with nothing training and with one job. */
const measureMany = async (browser, service, pages) => {
  const context = await browser.newContext()
  for (let at = 0; at < pages; at++) {
    const page = await context.newPage()
    await page.goto(`${service.url}/jobs`)
    await page.getByRole('heading', { name: 'Jobs' }).first().waitFor()
  }
  await pause(15_000)
  const idle = await shareOf(service)
  const { id } = await service.call('POST', '/v1/jobs', job(1_000_000, 600))
  await pause(10_000)
  const training = await shareOf(service)
  await service.call('POST', `/v1/jobs/${id}/cancel`)
  await context.close()
  const without = await service.call('POST', '/v1/jobs', job(1_000_000, 600))
  await pause(10_000)
  const alone = await shareOf(service)
  await service.call('POST', `/v1/jobs/${without.id}/cancel`)
  return { pages, apiShare: { nothingTraining: idle, oneJobTraining: training, oneJobTrainingNobodyLooking: alone } }
}

const service = await startService()
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] })
try {
  const report = {
    live: await measureLive(browser, service),
    long: await measureLong(browser, service, Number(values.epochs)),
    many: await measureMany(browser, service, Number(values.pages)),
  }
  console.log(JSON.stringify(report, null, 2))
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
} finally {
  await browser.close()
  await service.stop()
}
