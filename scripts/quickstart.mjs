#!/usr/bin/env node
/**
 * `npm run quickstart`: the main job on a fresh clone. Installs, builds, starts everything embedded, trains
 * examples/linear-regression-concise.json over HTTP, prints what the notebook prints, and keeps serving until Ctrl-C.
 * What was made stays in DATA_DIR, and the next quickstart goes on with it; with `--once` it ends at once, and keeps
 * nothing unless DATA_DIR says where.
 */
import { spawn } from 'node:child_process'
import { chmodSync, createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { install } from './support/install-state.mjs'
import { watchNpm } from './support/parent.mjs'
import { fail, requireNode, root, run, say } from './support/steps.mjs'

const example = 'examples/linear-regression-concise.json'
const defaultPort = 3000

requireNode()
watchNpm(() => process.kill(process.pid, 'SIGTERM'))
const once = process.argv.includes('--once')
await install()
const built = await run(process.execPath, [join(root, 'scripts/build.mjs')])
if (built.code !== 0) process.exit(built.code)

const folder = openDataFolder()
let interrupted = false
const port = process.env.PORT || (await defaultOrFreePort())
const logPath = join(folder.path, 'quickstart.log')
say(`starting database, API and worker (data in ${folder.path}, log in ${logPath}) ...`)
const service = startService()
const url = await listening()
say(once ? `sending ${example} to the API\n` : `the API listens on ${url}; sending it ${example}\n`)

const trained = await train()
if (once || trained !== 0) {
  await stopService()
  console.log(`\n${whatIsKept()}`)
  folder.remove()
  process.exit(trained)
}
console.log(`\nAPI   ${url}/v1\ndocs  ${url}/docs`)
const elsewhere = url === `http://127.0.0.1:${defaultPort}` ? '' : `TRAINYARD_URL=${url} `
console.log(
  `\nServing until Ctrl-C. Send it a job of your own, for example with\n  ${elsewhere}npx trainyard train examples/iris.json --data examples/iris.csv --watch`,
)
service.on('exit', (code) => {
  console.log(`\n${whatIsKept()}`)
  process.exit(code ?? 1)
})

/** The example by the command line, whose exit code says whether it succeeded. */
function train() {
  const { TRAINYARD_API_KEY: _key, ...rest } = process.env
  const args = [join(root, 'clients/typescript/bin/trainyard.mjs'), 'train', join(root, example), '--watch', '--gradients']
  return new Promise((done) => {
    spawn(process.execPath, args, { stdio: 'inherit', env: { ...rest, TRAINYARD_URL: url } }).on('exit', (code) => done(code ?? 1))
  })
}

/** DATA_DIR where it is set, else that of `npm start`; for `--once` a fresh folder, which goes with the quickstart. */
function openDataFolder() {
  if (process.env.DATA_DIR || !once) {
    const path = process.env.DATA_DIR ? resolve(process.env.DATA_DIR) : join(root, '.trainyard')
    mkdirSync(path, { recursive: true })
    return { path, kept: true, remove: () => {} }
  }
  const path = mkdtempSync(join(tmpdir(), 'trainyard-quickstart-'))
  // Lets the database's user in if root starts this.
  chmodSync(path, 0o755)
  return {
    path,
    kept: false,
    remove: () => {
      const pointer = join(path, 'postgres.json')
      const cluster = existsSync(pointer) ? JSON.parse(readFileSync(pointer, 'utf8')).folder : ''
      if (isAbsolute(cluster)) rmSync(cluster, { recursive: true, force: true })
      rmSync(path, { recursive: true, force: true })
    },
  }
}

/** The last words: where everything is now. */
function whatIsKept() {
  if (!folder.kept) return 'The service has ended, and nothing of it is kept. Without --once it goes on serving, and keeps its data.'
  const again = process.env.DATA_DIR ? `DATA_DIR=${folder.path} npm start` : 'npm start'
  return `The service has ended. Jobs and data are kept in ${folder.path}: \`${again}\` serves them again.`
}

async function defaultOrFreePort() {
  const free = await new Promise((done) => {
    const probe = createServer()
    probe.on('error', () => done(false)).listen(defaultPort, '127.0.0.1', () => probe.close(() => done(true)))
  })
  if (!free) say(`port ${defaultPort} is taken: using a free one (or set PORT)`)
  return free ? String(defaultPort) : '0'
}

/** Everything embedded, whatever else this machine's environment names. The pipe tells the supervisor when we are gone. */
function startService() {
  const { DATABASE_URL: _database, REDIS_URL: _redis, API_KEYS: _keys, OPERATOR_KEYS: _operators, HOST: _host, ...rest } = process.env
  const child = spawn(process.execPath, [join(root, 'scripts/launch.mjs'), 'start'], {
    cwd: root,
    env: { ...rest, DATA_DIR: folder.path, PORT: port },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  child.stderr.pipe(createWriteStream(logPath, { flags: 'a' }))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      interrupted = true
      child.kill(signal)
    })
  return child
}

function listening() {
  return new Promise((done) => {
    let text = ''
    service.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
      const [, url] = /listening on (\S+)/.exec(text) ?? []
      if (url) done(url)
    })
    service.on('exit', () => {
      if (/listening on/.test(text)) return
      if (interrupted) {
        folder.remove()
        process.exit(130)
      }
      const log = existsSync(logPath) ? readFileSync(logPath, 'utf8').slice(-4000) : ''
      folder.remove()
      fail(`${log}\nThe service did not start: see above.`)
    })
  })
}

async function stopService() {
  const gone = new Promise((done) => service.on('exit', done))
  if (service.exitCode !== null || service.signalCode !== null) return
  service.kill('SIGTERM')
  await gone
}
