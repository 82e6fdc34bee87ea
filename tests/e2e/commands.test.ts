/** Every command that README and documentation show is run as it stands there, or is listed here with the reason why not. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Job } from '../support/e2e/api.ts'
import { openTrainer, openUpload, openWebhook, predictedDataset } from '../support/e2e/opened.ts'
import { cleanEnvironment, discard, type Product, root, startProduct } from '../support/e2e/product.ts'

/** Commands that are not run here. */
const notRun: [command: RegExp, reason: string][] = [
  [/^npm run quickstart$/, 'quickstart.test.ts runs it'],
  [/^npm test$/, 'it is running'],
  [/^npm ci && npm run build && npm start$/, 'CI runs the first two, and the product here is the third'],
  [/^npm start$/, 'the product here'],
  [/^npm run start:(api|worker)$/, 'roles.test.ts runs both'],
  [/^npm run restore -- --replace /, 'the service must not run: the last test runs it'],
  [/\/v1\/keys\b|x-tenant|trainyard keys\b/, 'tenants.test.ts makes keys, in a service that has some'],
  [/^curl -sN "\$URL\/v1\/events\?after=latest"/, 'it has no end: all-events.test.ts reads it'],
  [/^trainyard events -f\b/, 'it has no end: command-line.test.ts reads it'],
  [/^URL=/, 'the product here has another port'],
  [/^(npx (@hey-api\/)?openapi-|openapi-python-client )/, 'clients.test.ts generates with each of them'],
]

type Command = { file: string; text: string }

/** The commands of a document, without their comments; lines that go on are one. */
const commandsOf = async (file: string): Promise<Command[]> => {
  const blocks = [...(await readFile(join(root, file), 'utf8')).matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block)
  const lines = blocks.flatMap((block) => block.replaceAll(/\\\n\s*/g, ' ').split('\n'))
  return lines.map((line) => ({ file, text: line.replace(/(^|\s+)#\s.*$/, '').trim() })).filter(({ text }) => text !== '')
}

const documents = async (): Promise<string[]> => {
  const pages = (await readdir(join(root, 'docs'), { recursive: true }))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file))
  return ['README.md', join('examples', 'README.md'), ...pages.sort()]
}

/** A host that the product may fetch from; a file of it that never ends is one to cancel. */
const fileHost = createServer(({ url }, response) => {
  response.writeHead(200, { 'content-type': 'text/csv' }).write('x,y\n1,2\n')
  if (url !== '/endless.csv') response.end()
})

let product: Product
let folder: string
before(async () => {
  await new Promise<void>((listening) => fileHost.listen(0, '127.0.0.1', listening))
  product = await startProduct({ IMPORT_HOSTS: '127.0.0.1', OUTBOUND_ALLOW_HTTP: 'true', OUTBOUND_ALLOW_PRIVATE: 'true' })
  folder = await mkdtemp(join(tmpdir(), 'trainyard-commands-'))
  await cp(join(root, 'examples'), join(folder, 'examples'), { recursive: true })
  // As an installed package has it, for npx and for a PATH.
  await mkdir(join(folder, 'node_modules/.bin'), { recursive: true })
  await symlink(join(root, 'clients/typescript/bin/trainyard.mjs'), join(folder, 'node_modules/.bin/trainyard'))
})
after(async () => {
  await discard(product)
  fileHost.closeAllConnections()
  fileHost.close()
  await rm(folder, { recursive: true, force: true })
})

const example = async (name: string) => JSON.parse(await readFile(join(root, 'examples', name), 'utf8')) as Record<string, unknown>
const notebook = () => example('linear-regression-concise.json')

/** A job as the command needs it: one that waits or trains to stop it, else a finished one. */
const jobFor = async (command: string): Promise<string> => {
  if (command.includes('"Island"'))
    return (await product.api.train({ dataset: { id: await table('penguins.csv'), labels: ['Species'] } })).id
  const config = await notebook()
  if (!/(\/|trainyard )(cancel|pause|resume)/.test(command))
    return (await product.api.train({ ...config, record: { gradients: 'full', weights: 'everyEpoch' } })).id
  const { id } = await product.api.submit({ ...config, training: { ...(config.training as object), epochs: 100_000 } })
  if (command.includes('/resume')) await product.api.call('POST', `/v1/jobs/${id}/pause`)
  return id
}

/** A table of the examples, uploaded. */
const table = async (name: string): Promise<string> => {
  const bytes = await readFile(join(root, 'examples', name))
  return (await product.api.call<{ id: string }>('POST', '/v1/datasets', bytes, { 'content-type': 'text/csv' })).body.id
}

/** What the command speaks of, made for it alone. */
const variablesFor = async (command: string): Promise<Record<string, string>> => {
  const made: Record<string, string> = { URL: product.url, ...(await openedFor(command)) }
  if (command.includes('$JOB')) made.JOB = await jobFor(command)
  if (command.includes('$DATASET'))
    made.DATASET = /species/i.test(command)
      ? await table(command.includes('species') ? 'iris.csv' : 'penguins.csv')
      : (await product.api.upload({ synthetic: { kind: 'linear', weights: [2, -3.4], examples: 10 } })).id
  if (command.includes('$IMPORT')) made.IMPORT = await importOf(command.includes('/cancel') ? 'endless.csv' : 'table.csv')
  if (command.includes('$PREDICTION')) made.PREDICTION = await predictedDataset(product.api, await jobFor(command))
  if (command.includes('$MODEL')) made.MODEL = await modelFor(command)
  if (command.includes('$SWEEP')) made.SWEEP = command.includes('/cancel') ? await longSweep() : await finishedSweep()
  return made
}

const importOf = async (file: string): Promise<string> => {
  const url = `http://127.0.0.1:${(fileHost.address() as AddressInfo).port}/${file}`
  return (await product.api.call<{ id: string }>('POST', '/v1/datasets', { url })).body.id
}

const openedFor = async (command: string): Promise<Record<string, string>> => {
  if (command.includes('$TRAINER')) return { TRAINER: await openTrainer(product.api, await notebook(), command.includes('/operations/1')) }
  if (command.includes('$WEBHOOK')) return { WEBHOOK: await openWebhook(product.api) }
  return command.includes('$UPLOAD') ? { UPLOAD: await openUpload(product.api, command.includes('/complete')) } : {}
}

/** The name of a model. */
const modelFor = async (command: string): Promise<string> => {
  await product.api.call('PUT', '/v1/models/prices', { jobId: await jobFor(command) })
  return 'prices'
}

/** A sweep that nobody has the time to see the end of. */
const longSweep = async (): Promise<string> => {
  const base = await notebook()
  const request = {
    base: { ...base, training: { ...(base.training as object), epochs: 100_000 } },
    grid: { 'optimizer.learningRate': [0.01, 0.03] },
  }
  return (await product.api.call<{ id: string }>('POST', '/v1/sweeps', request)).body.id
}

const finishedSweep = async (): Promise<string> => {
  const { body } = await product.api.call<{ id: string; jobs: { jobId: string }[] }>(
    'POST',
    '/v1/sweeps',
    await example('learning-rate-and-batch-size.json'),
  )
  for (const { jobId } of body.jobs) await product.api.ended(jobId)
  return body.id
}

/** Runs a command in bash; an answer that is no success fails it. */
const run = (command: string, variables: Record<string, string>, cwd = folder): Promise<{ code: number; text: string }> =>
  new Promise((done) => {
    const script = `curl() { command curl --fail-with-body --max-time 60 "$@"; }\n${atTheProduct(command)}`
    const path = `${join(folder, 'node_modules/.bin')}:${process.env.PATH}`
    const client = { TRAINYARD_URL: product.url, TRAINYARD_API_KEY: '', PATH: path }
    const env = cleanEnvironment({ DATA_DIR: product.dataDir, LOG_LEVEL: 'warn', ...client, ...variables })
    execFile('bash', ['-c', script], { cwd, env, maxBuffer: 2 ** 26 }, (error, out, err) =>
      done({ code: error ? 1 : 0, text: `${out}${err}` }),
    )
  })

/** The documents speak of a service on its own port. */
const atTheProduct = (command: string): string =>
  command.replaceAll('http://127.0.0.1:3000', product.url).replace(/^(node examples\/run\.mjs \S+)/, `$1 ${product.url}`)

/** npm's commands are those of the package; everything else runs beside the examples. */
const inFolder = (command: string): string => (command.startsWith('npm ') ? root : folder)

test('the answer that README shows is what its command gives', async () => {
  const [, command = '', shown = ''] =
    /^```sh\n(curl [^\n]*\/epochs)\n```\n+```json\n(.*?)^```/ms.exec(await readFile(join(root, 'README.md'), 'utf8')) ?? []
  const { text } = await run(command, await variablesFor(command))
  const [told, given] = [JSON.parse(shown).data, JSON.parse(text).data]
  assert.deepEqual(given.map(Object.keys), told.map(Object.keys))
  for (const [at, epoch] of told.entries())
    for (const name of ['epoch', 'loss', 'batchLoss', 'learningRate', 'gradientNorm'])
      assert.ok(Math.abs(given[at][name] / epoch[name] - 1) < 0.05, `${name} is ${given[at][name]}, shown as ${epoch[name]}`)
})

test('every command of README and documentation does what it says', async () => {
  const shown = (await Promise.all((await documents()).map(commandsOf))).flat()
  // What several documents show is run once.
  const commands = [...new Map(shown.toReversed().map((command) => [command.text, command])).values()].toReversed()
  assert.ok(commands.length > 30)
  const used = new Set<RegExp>()
  try {
    for (const { file, text } of commands) {
      const skipped = notRun.find(([pattern]) => pattern.test(text))
      if (skipped) {
        used.add(skipped[0])
        continue
      }
      const { code, text: output } = await run(
        text.replaceAll('trainyard.sql.gz', join(folder, 'trainyard.sql.gz')),
        await variablesFor(text),
        inFolder(text),
      )
      assert.equal(code, 0, `${file}: ${text}\n${output}`)
    }
  } finally {
    for (const { id, status } of (await product.api.get<{ data: Job[] }>('/v1/jobs?limit=100')).data)
      if (['queued', 'running', 'paused', 'pausing'].includes(status)) await product.api.call('POST', `/v1/jobs/${id}/cancel`)
  }
  assert.deepEqual(
    notRun.filter(([pattern]) => !used.has(pattern)).map(([pattern]) => String(pattern)),
    [],
    'the list names only what the documents have',
  )
})

/** A PATH with all that this one has but PostgreSQL's programs. */
const pathWithoutPostgres = async (): Promise<string> => {
  const bin = join(folder, 'bin')
  await mkdir(bin)
  for (const from of new Set((process.env.PATH ?? '').split(':')))
    for (const name of await readdir(from).catch(() => []))
      if (!/^(psql|pg_|postgres)/.test(name)) await symlink(join(from, name), join(bin, name)).catch(() => {})
  return bin
}

test('a backup taken while the service runs is restored elsewhere, without any program of PostgreSQL', async () => {
  const withoutPrograms = { PATH: await pathWithoutPostgres() }
  const database = (args: string[], env: Record<string, string>) =>
    new Promise<{ code: number; text: string }>((done) => {
      const options = { cwd: root, env: cleanEnvironment({ LOG_LEVEL: 'warn', ...withoutPrograms, ...env }) }
      execFile(process.execPath, ['scripts/database.mjs', ...args], options, (error, out, err) =>
        done({ code: error ? 1 : 0, text: `${out}${err}` }),
      )
    })
  const job = await product.api.train(await notebook())
  const file = join(folder, 'elsewhere.sql.gz')
  const here = { DATA_DIR: product.dataDir }
  const saved = await database(['backup', file], here)
  assert.equal(saved.code, 0, saved.text)
  assert.match(saved.text, /elsewhere\.sql\.gz, [1-9]\d*\.\d (KiB|MiB)/)
  const nowhere = await database(['backup', join(folder, 'absent', 'elsewhere.sql.gz')], here)
  assert.deepEqual([nowhere.code, nowhere.text.includes(`no folder ${join(folder, 'absent')}:`)], [1, true], nowhere.text)
  assert.match((await database(['restore', folder], here)).text, /is a folder/)
  const refused = await database(['restore', '--replace', file], here)
  assert.match(refused.text, /service is running/)
  assert.equal(refused.code, 1)

  const elsewhere = await mkdtemp(join(tmpdir(), 'trainyard-e2e-'))
  await chmod(elsewhere, 0o755)
  assert.match((await database(['psql', '-c', 'select 1'], { DATA_DIR: elsewhere })).text, /there is no database/)
  const restored = await database(['restore', file], { DATA_DIR: elsewhere })
  assert.equal(restored.code, 0, restored.text)
  assert.match((await database(['restore', file], { DATA_DIR: elsewhere })).text, /holds data/)
  const asked = await database(['psql', '-c', `select status from "Job" where id = '${job.id}'`], { DATA_DIR: elsewhere })
  assert.match(asked.text, /succeeded[\s\S]*\(1 row\)/)
  const second = await startProduct({ DATA_DIR: elsewhere })
  try {
    for (const path of ['', '/epochs', '/gradients', '/weights', '/events'])
      assert.deepEqual(await second.api.get(`/v1/jobs/${job.id}${path}`), await product.api.get(`/v1/jobs/${job.id}${path}`), path)
  } finally {
    await discard(second)
  }
})
