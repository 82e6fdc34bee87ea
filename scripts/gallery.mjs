#!/usr/bin/env node
/**
 * Sends every example to a running service and writes down what came of it: docs/gallery.md with commands and numbers,
 * and docs/gallery/ with the pictures that the service draws of the jobs. What an example shows is said in examples/README.md.
 *
 *   npm start                                                # in another terminal
 *   node scripts/gallery.mjs [http://127.0.0.1:3000]
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { histogram, lineChart } from './support/plain-chart.mjs'
import { fail, root, run, say } from './support/steps.mjs'

const url = process.argv[2] ?? 'http://127.0.0.1:3000'
const folder = join(root, 'docs/gallery')
const copies = await mkdtemp(join(tmpdir(), 'trainyard-gallery-'))

/** Tables that are uploaded before their example is sent. */
const tables = { iris: 'examples/iris.csv', cars: 'examples/cars.csv' }

/** Jobs of other examples in the picture of one, for comparison. */
const beside = {
  'linear-regression-scratch': ['linear-regression-concise'],
  'sum-loss-smaller-rate': ['sum-loss', 'linear-regression-concise'],
  'huber-regression': ['linear-regression-concise'],
  'smooth-l1-regression': ['linear-regression-concise', 'huber-regression'],
  'zero-initialization': ['linear-regression-concise'],
  'zero-initialization-hidden-layer': ['zero-initialization'],
  'least-squares': ['linear-regression-ten-epochs'],
}

const request = async (method, path, body) => {
  const response = await fetch(url + path, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
  })
  if (!response.ok) fail(`${method} ${path}: ${response.status} ${await response.text()}`)
  return response
}
const call = async (method, path, body) => (await request(method, path, body)).json()

const routes = JSON.parse(await readFile(join(root, 'examples/routes.json'), 'utf8'))
const jobOf = new Map()

/** The picture of jobs by the service itself; the first gives the title. */
const pictureOf = async ([id, ...others], log = true) => {
  const query = new URLSearchParams([['height', '300'], ['log', String(log)], ...others.map((other) => ['job', other])])
  return `${await (await request('GET', `/v1/jobs/${id}/loss.svg?${query}`)).text()}\n`
}

/** The jobs of a sweep once more, each under the name of its point, since a picture calls a curve by its name. */
const pictureSweep = async () => {
  const [{ id }] = (await call('GET', '/v1/sweeps?limit=1')).data
  const jobs = []
  for (const { jobId, point } of (await call('GET', `/v1/sweeps/${id}`)).jobs) {
    const { config } = await call('GET', `/v1/jobs/${jobId}`)
    const name = Object.values(point).join(', rate ')
    const job = await call('POST', '/v1/jobs', { ...config, metadata: { name } })
    await call('GET', `/v1/jobs/${job.id}?wait=60&waitFor=end`)
    jobs.push(job.id)
  }
  return pictureOf(jobs)
}

/** Loss of one prediction by its error, as the service computes it. */
const pictureLoss = async (name, route, body) => {
  const errors = Array.from({ length: 81 }, (_, at) => (at - 40) / 10)
  const lineOf = async (label, path, options) => {
    const tensor = (values) => ({ shape: [values.length], values })
    const { value } = await call('POST', path, {
      inputs: [tensor(errors)],
      target: tensor(errors.map(() => 0)),
      options,
      reduction: 'none',
    })
    return { label, points: errors.map((error, at) => [error, value.values[at]]) }
  }
  const lines = [await lineOf(name, route, body.options), await lineOf('halfSquared', '/v1/losses/halfSquared/evaluate', {})]
  return lineChart({ title: name, note: 'loss of a prediction by its error', lines })
}

const pictureSample = async (name, route, body) => {
  const { values } = await call('POST', route, body)
  return histogram({ title: name, note: `${body.shape.join(' × ')} weights, how often each value was drawn`, values })
}

const draw = (name, route, body) => {
  if (route.startsWith('/v1/losses/')) return pictureLoss(name, route, body)
  if (route.startsWith('/v1/initializers/')) return pictureSample(name, route, body)
  if (route === '/v1/sweeps') return pictureSweep()
  return pictureOf([name, ...(beside[name] ?? [])].map((one) => jobOf.get(one)))
}

/** Of what the runner prints: the first epochs and the last, the gradients of the last, and no line that is cut off. */
const condensed = (text) => {
  const lines = text.trimEnd().split('\n')
  const last = lines.findLastIndex((line) => line.startsWith('epoch '))
  const lastButOne = lines.findLastIndex((line, at) => at < last && line.startsWith('epoch '))
  const epochs = lines.filter((line) => line.startsWith('epoch ')).length
  const kept = lines.filter((line, at) => {
    const epoch = Number(/^epoch (\d+)/.exec(line)?.[1])
    if (epoch) return epoch < 4 || epoch > epochs - 2
    return !(line.includes('…') || (line.startsWith('gradient of layers') && at < lastButOne))
  })
  if (epochs > 5)
    kept.splice(
      kept.findIndex((line) => line.startsWith('epoch 4') || line.startsWith(`epoch ${epochs - 1},`)),
      0,
      '…',
    )
  return kept.map((line) => line.trimEnd()).join('\n')
}

const section = async (name, shows) => {
  const body = JSON.parse(await readFile(join(root, `examples/${name}.json`), 'utf8'))
  const route = routes[`${name}.json`] ?? '/v1/jobs'
  const copy = join(copies, `${name}.json`)
  await writeFile(copy, JSON.stringify(route === '/v1/jobs' ? { ...body, metadata: { ...body.metadata, name } } : body))
  const table = tables[name] ? ['--csv', tables[name]] : []
  const { code, output } = await run(process.execPath, ['examples/run.mjs', copy, url, ...table], { quiet: true })
  if (code !== 0) fail(output)
  if (route === '/v1/jobs') jobOf.set(name, (await call('GET', '/v1/jobs?limit=1')).data[0].id)
  await writeFile(join(folder, `${name}.svg`), await draw(name, route, body))
  say(`${name}: done`)
  const command = ['node examples/run.mjs', `examples/${name}.json`, ...table].join(' ')
  return `## ${name}\n\n${shows}\n\n![${name}](gallery/${name}.svg)\n\n\`\`\`sh\n${command}\n\`\`\`\n\n\`\`\`text\n${condensed(output)}\n\`\`\`\n`
}

/** Names of the examples in the order of examples/README.md, each with what it shows. */
const listed = [...(await readFile(join(root, 'examples/README.md'), 'utf8')).matchAll(/^\| (`.*?) \| .*? \| (.*) \|$/gm)].flatMap(
  ([, names, shows]) =>
    [...names.matchAll(/`([\w-]+)\.json`/g)].map(([, name]) => [name, `${shows[0].toUpperCase()}${shows.slice(1).split(': `node')[0]}.`]),
)

await mkdir(folder, { recursive: true })
const sections = []
for (const [name, shows] of listed) sections.push(await section(name, shows))
await rm(copies, { recursive: true })
await writeFile(
  join(root, 'docs/gallery.md'),
  `# Gallery

Every request of [examples/](../examples/README.md): its command, its picture and its numbers, against a service at \`http://127.0.0.1:3000\` (\`npm start\`).
Curves of jobs are [\`/v1/jobs/{id}/loss.svg\`](api.md#train-the-notebook) as the service draws them, on a logarithmic scale, with others beside them for comparison;
losses and initializers are drawn from what the service answers. The numbers are some of the lines that the command prints. Another engine or machine
rounds differently: the tests hold each number to 2 % and two units of its last digit.

This page is written by \`node scripts/gallery.mjs\`.

${sections.join('\n')}`,
)
say(`wrote docs/gallery.md, of ${sections.length} examples`)
