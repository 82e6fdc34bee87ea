/** `trainyard`, the command line, as people and scripts run it: what it prints where, and how it ends. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { cleanEnvironment, discard, type Product, root, startProduct } from '../support/e2e/product.ts'
import { openReceiver } from '../support/receiver.ts'

let product: Product
let folder: string
before(async () => {
  product = await startProduct({ OUTBOUND_ALLOW_HTTP: 'true', OUTBOUND_ALLOW_PRIVATE: 'true' })
  folder = await mkdtemp(join(tmpdir(), 'trainyard-command-line-'))
})
after(async () => {
  await discard(product)
  await rm(folder, { recursive: true, force: true })
})

const start = (command: readonly string[], env: Record<string, string> = {}) =>
  spawn(process.execPath, [join(root, 'clients/typescript/bin/trainyard.mjs'), ...command], {
    cwd: root,
    env: cleanEnvironment({ TRAINYARD_URL: product.url, TRAINYARD_API_KEY: '', ...env }),
  })

/** Runs a command to its end; its output goes to pipes. */
const trainyard = async (command: string, input = '', env: Record<string, string> = {}) => {
  const child = start(command.split(' '), env)
  child.stdin.end(input)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: code as number, out, err }
}

const example = 'examples/linear-regression-concise.json'

test('in a clone `npx trainyard` is this command line, and it trains', async () => {
  const child = spawn('npx', ['trainyard', 'train', example, '--json'], {
    cwd: root,
    env: cleanEnvironment({ TRAINYARD_URL: product.url, TRAINYARD_API_KEY: '' }),
  })
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  const job = JSON.parse(out)
  assert.deepEqual([code, job.status, out.trim().split('\n').length], [0, 'succeeded', 1])
  assert.deepEqual(job, await product.api.get(`/v1/jobs/${job.id}`))
})

test('a watched job in a pipe is a line per epoch, without a bar or a colour', async () => {
  const { code, out, err } = await trainyard(`train ${example} --watch`)
  assert.match(out, /^epoch 1, loss 0\.\d{6}\nepoch 2, loss 0\.\d{6}\nepoch 3, loss 0\.000\d{3}\njob_\S+ succeeded: loss 0\.000\d{3} /)
  assert.deepEqual([code, err, ['\u001b', '\r', '█'].filter((one) => out.includes(one))], [0, '', []])
})

test('a job that fails ends the command with 1, and is printed all the same', async () => {
  const config = JSON.parse(await readFile(join(root, example), 'utf8'))
  const diverging = JSON.stringify({ ...config, optimizer: { type: 'sgd', learningRate: 1e6 }, training: { epochs: 50 } })
  const told = await trainyard('train -', diverging)
  assert.match(told.out, /^job_\S+ failed: LOSS_DIVERGED/)
  const { code, out } = await trainyard('train - --json', diverging)
  assert.deepEqual([told.code, code, JSON.parse(out).error.code], [1, 1, 'LOSS_DIVERGED'])
})

test('a wrong config is told with every place, for programs as one object on standard error', async () => {
  const wrong = '{"training": {"epochs": 0}, "optimiser": {}}'
  const told = await trainyard('train -', wrong)
  for (const place of ['/dataset', '/training/epochs', '/optimiser']) assert.match(told.err, new RegExp(`^ {2}${place}: `, 'm'))
  const { code, out, err } = await trainyard('train - --json', wrong)
  const problem = JSON.parse(err)
  assert.deepEqual([told.code, code, out, problem.code, problem.status], [1, 1, '', 'VALIDATION_FAILED', 422])
  assert.ok(problem.errors.length >= 3)
})

test('a wrong command ends with 2, a service that is not there with 1, and each says why', async () => {
  for (const command of ['bogus', 'train', 'train - --bogus', 'jobs list --limit 0', 'weights job_1 --format xls', '--url ftp://host jobs'])
    assert.equal((await trainyard(command, '{')).code, 2, command)
  for (const [command, message] of [
    ['bogus --json', /^unknown command 'bogus'/],
    ['--json job', /^unknown command 'job' \(Did you mean jobs\?\)$/],
    ['train --json --bogus', /^unknown option '--bogus'$/],
    ['jobs list --limit 0 --json', /--limit <count>' argument '0' is invalid. It must be a whole number from 1/],
    ['jobs get --json', /^missing required argument 'job'$/],
    ['--json', /^a command is missing/],
    ['--json webhooks create https://hooks.example/x --events', /argument missing$/],
    ['train - --json', /^standard input is no JSON/],
    ['predict job_1 --json', /a dataset with --dataset$/],
    ['weights job_1 -o model.foo --json', /^The name of model\.foo .* \.safetensors, \.npz, \.json, \.onnx; or say it with --format$/],
    ['predict job_1 --dataset ds_1 -o rows.foo --json', /^The name of rows\.foo .* \.csv, \.ndjson, \.jsonl; or say --csv$/],
  ] as const) {
    const { code, out, err } = await trainyard(command, '{')
    const told = JSON.parse(err)
    assert.deepEqual([code, out, told.code, Object.keys(told)], [2, '', 'USAGE', ['name', 'message', 'code']], command)
    assert.match(told.message, message)
  }
  const broken = await trainyard('train -', '{"dataset":')
  assert.deepEqual([broken.code, /standard input is no JSON/.test(broken.err)], [2, true])
  const missing = await trainyard('train nowhere.json')
  assert.deepEqual([missing.code, /ENOENT.*nowhere\.json/.test(missing.err)], [1, true])
  const absent = await trainyard('datasets upload nowhere.csv')
  assert.deepEqual([absent.code, /ENOENT.*nowhere\.csv/.test(absent.err)], [1, true])
  assert.match((await trainyard('jobs get job_nope')).err, /^trainyard: There is no job job_nope/)
})

test('a table goes up from standard input, is trained on, and its weights and predictions come back', async () => {
  const penguins = await readFile(join(root, 'examples/penguins.csv'), 'utf8')
  const dataset = JSON.parse((await trainyard('datasets upload - --name birds --labels Species --json', penguins)).out)
  assert.deepEqual([dataset.name, dataset.rows], ['birds', 344])
  const config = { dataset: { id: dataset.id }, training: { epochs: 20 } }
  const job = JSON.parse((await trainyard('train - --json', JSON.stringify(config))).out)
  const file = join(folder, 'model.safetensors')
  assert.equal((await trainyard(`weights ${job.id} -o ${file}`)).out, `${file}\n`)
  const served = await fetch(`${product.url}/v1/jobs/${job.id}/weights?format=safetensors`)
  assert.deepEqual(await readFile(file), Buffer.from(await served.arrayBuffer()))
  const epochs = await fetch(`${product.url}/v1/jobs/${job.id}/epochs?format=csv`)
  assert.deepEqual(await trainyard(`epochs ${job.id}`), { code: 0, out: await epochs.text(), err: '' })
  assert.equal(JSON.parse((await trainyard(`epochs ${job.id} --json`)).out).length, 20)
  const [, row = ''] = penguins.split('\n')
  const heads = penguins.split('\n')[0]?.split(',') ?? []
  const bird = Object.fromEntries(
    row.split(',').map((cell, at) => [heads[at], cell === '' || Number.isNaN(Number(cell)) ? cell : Number(cell)]),
  )
  const { Species, ...measures } = bird
  const predicted = await trainyard(`predict ${job.id} -`, JSON.stringify(measures))
  assert.deepEqual([predicted.out, predicted.err], [`${Species}\n`, ''])
  await product.api.call('PUT', '/v1/models/birds', { jobId: job.id })
  const ofTable = (await trainyard(`predict birds ${join(root, 'examples/penguins.csv')} --csv`)).out.split('\n')
  assert.deepEqual([ofTable.length, ofTable[0], ofTable[1]], [344 + 2, 'prediction', Species])
  const shares = await trainyard(`predict ${job.id} ${join(root, 'examples/penguins.csv')} --output probability --csv`)
  assert.match(shares.out, /^Adelie,Chinstrap,Gentoo\n0\.\d+,[\d.e-]+,[\d.e-]+\n/)
  const predictedFile = join(folder, 'predicted.csv')
  const saved = await trainyard(`predict ${job.id} --dataset ${dataset.id} -o ${predictedFile}`)
  assert.equal(saved.out, `${predictedFile}\n`)
  assert.match(saved.err, /^loss 0?\.?\d/m)
  const rows = (await readFile(predictedFile, 'utf8')).split('\n')
  assert.deepEqual([rows.length, rows[0], rows[1]], [344 + 2, 'row,prediction', `0,${Species}`])
  const lines = (await trainyard(`predict birds --dataset ${dataset.id}`)).out.trimEnd().split('\n')
  assert.deepEqual(JSON.parse(lines[343] ?? '').row, 343)
  assert.match((await trainyard(`predict ${job.id}`)).err, /a dataset with --dataset/)
  assert.match((await trainyard(`predict ${job.id} - --from csv`, 'a,b\n1\n')).err, /standard input is no CSV: Too few fields.*row 1/)
  assert.equal((await trainyard(`datasets delete ${dataset.id}`)).code, 0)
  await assert.rejects(stat(`${file}.part`))
})

test('Ctrl-C ends the waiting with 130 and leaves the job, which can be listed, paused and cancelled', async () => {
  const config = JSON.parse(await readFile(join(root, example), 'utf8'))
  const child = start(['train', '-', '--watch'])
  child.stdin.end(JSON.stringify({ ...config, training: { epochs: 1_000_000 } }))
  const told = text(child.stderr)
  // The first line says that it trains.
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  const [, id = ''] = /^(job_\S+) goes on/m.exec(await told) ?? []
  assert.equal(code, 130)
  const [newest] = JSON.parse((await trainyard('jobs --json --limit 1')).out)
  assert.deepEqual([newest.id, newest.status], [id, 'running'])
  assert.match((await trainyard(`pause ${id}`)).out, /^job_\S+ paus/)
  assert.match((await trainyard(`cancel ${id}`)).out, /^job_\S+ cancel/)
  const followed = (await trainyard(`logs ${id} -f --json`)).out.trim().split('\n')
  assert.equal(JSON.parse(followed.at(-1) ?? '').type, 'cancelled')
})

test('events of all jobs are told as they come, and a webhook is made, tested and looked at', async () => {
  const config = JSON.parse(await readFile(join(root, example), 'utf8'))
  const queued = { ...config, metadata: { told: 'here' } }
  const train = async (): Promise<string> => JSON.parse((await trainyard('train - --json', JSON.stringify(queued))).out).id
  const id = await train()
  const { out } = await trainyard('events --type job.queued job.succeeded --metadata told=here')
  assert.match(out, new RegExp(`^\\S+Z  ${id}  job\\.queued\\n\\S+Z  ${id}  job\\.succeeded .*loss 0\\.000\\d{3}`))
  const [, last] = (await trainyard('events -n 2 --type job.queued job.succeeded -m told=here --json')).out.trim().split('\n')
  const following = start(['events', '-f', '--after', JSON.parse(last ?? '').id, '-m', 'told=here', '--json'])
  const other = await train()
  const [first] = await once(following.stdout, 'data')
  assert.equal(JSON.parse(String(first).split('\n')[0] ?? '').jobId, other)
  following.kill('SIGINT')
  assert.deepEqual(await once(following, 'close'), [130, null])
  assert.equal((await trainyard('events -m told')).code, 2)

  const receiver = await openReceiver()
  try {
    const made = JSON.parse((await trainyard(`webhooks create ${receiver.origin}/hook --events job.failed --json`)).out)
    assert.match((await trainyard('webhooks')).out, new RegExp(`^${made.id}  enabled  ${receiver.origin}/hook  job\\.failed$`, 'm'))
    const delivery = (await trainyard(`webhooks test ${made.id}`)).out.trim()
    const [told] = await receiver.until('/hook', 1)
    assert.equal(told?.headers['webhook-id'], delivery)
    const deliveries = JSON.parse((await trainyard(`webhooks deliveries ${made.id} --json`)).out)
    assert.deepEqual([deliveries[0].id, deliveries[0].type], [delivery, 'webhook.test'])
    assert.match((await trainyard(`webhooks deliveries ${made.id}`)).out, new RegExp(`^${delivery}  .*  webhook\\.test `, 'm'))
    assert.equal((await trainyard(`webhooks delete ${made.id}`)).out, `${made.id} deleted\n`)
    const created = await trainyard(`webhooks create ${receiver.origin}/hook`)
    assert.match(created.out, /^whsec_\S+\n$/)
    assert.match(created.err, /is told of job\.succeeded, job\.failed, job\.cancelled;/)
  } finally {
    await receiver.close()
  }
})

test('a shell completes commands by what the script asks for', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) assert.match((await trainyard(`completion ${shell}`)).out, /trainyard/)
  assert.match((await trainyard('complete -- da')).out, /^datasets\t/m)
})
