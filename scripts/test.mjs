#!/usr/bin/env node
/**
 * `npm test`: the whole suite, on a fresh clone too. Installs and builds what is lacking, makes sure of a Redis, and runs
 * every test file with Node's own runner. Arguments choose files by a part of their path: `npm test -- unit/config`.
 */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { compileTests } from './support/compile-tests.mjs'
import { findMissingPackage, install } from './support/install-state.mjs'
import { findRedisProgram, provideRedisProgram } from './support/redis-server.mjs'
import { fail, requireNode, root, run, say, withProgress } from './support/steps.mjs'
import { groupTests } from './support/test-groups.mjs'
import { transpiledPath } from './support/transpile.mjs'

/** Test files share two cores with the servers that they start. */
const concurrency = 3
/** No test file takes this long, and no group of them that long; one that does hangs. */
const [fileTimeoutMs, groupTimeoutMs] = [5 * 60_000, 8 * 60_000]

const reporters = ['spec', join(root, 'scripts/support/failed-files.mjs')].flatMap((one) => [
  `--test-reporter=${one}`,
  '--test-reporter-destination=stdout',
])

const findTests = (filters) =>
  readdirSync(join(root, 'tests'), { recursive: true, encoding: 'utf8' })
    .map((path) => join('tests', path))
    .filter((path) => path.endsWith('.test.ts') && (filters.length === 0 || filters.some((filter) => path.includes(filter))))
    .sort()

requireNode()
const [options, filters] = [
  process.argv.slice(2).filter((one) => one.startsWith('--')),
  process.argv.slice(2).filter((one) => !one.startsWith('--')),
]
const files = findTests(filters.map((filter) => relative(root, resolve(root, filter)).replace(/^(\.\.\/)+/, '')))
if (files.length === 0) fail(`No test file has any of these in its path: ${filters.join(', ')}`)

await install()
const missing = findMissingPackage({ withDevelopment: true })
if (missing) fail(`The packages are not what package-lock.json says (${missing}): run \`npm ci\`.`)
const built = await run(process.execPath, [join(root, 'scripts/build.mjs')])
if (built.code !== 0) process.exit(built.code)
if (!process.env.REDIS_URL && !findRedisProgram())
  await withProgress('unpacking a Redis for the tests', provideRedisProgram).catch((error) => fail(error.message))

await withProgress('compiling the tests', compileTests)

// One PostgreSQL server for all files: held here, it isn't started again and again.
const { openTestServer } = await import(pathToFileURL(join(root, transpiledPath('tests/support/postgres.ts'))).href)
const server = await openTestServer()

const runs = groupTests(files, { timeoutMs: fileTimeoutMs })
say(`running ${files.length} test files in ${runs.length} processes`)
const runner = spawn(
  process.execPath,
  [
    '--enable-source-maps',
    '--test',
    ...(options.some((one) => one.startsWith('--test-reporter')) ? [] : reporters),
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${groupTimeoutMs}`,
    ...options,
    ...runs,
  ],
  { cwd: root, stdio: 'inherit' },
)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => runner.kill(signal))
runner.on('exit', async (code) => {
  await server.close()
  process.exit(code ?? 1)
})
