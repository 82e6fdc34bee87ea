#!/usr/bin/env node
/**
 * `npm run check`: everything about this repository that can be judged without running it. Every check runs, whatever
 * the others said, and all that is wrong is shown at the end. `-- types lint` runs the named ones only.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const bin = (path) => [process.execPath, resolve(root, 'node_modules', path)]

/** Name, what it proves, and the command. */
const checks = [
  ['types', 'strict TypeScript over product, tests and benchmarks', [...bin('typescript/bin/tsc'), '-p', 'tsconfig.json']],
  ['types', 'the same over the page and the client, which know openapi.json alone', [process.execPath, 'scripts/check-contract-types.mjs']],
  ['lint', 'format, names, sizes and habits (Biome)', [...bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.']],
  [
    'promises',
    'no promise is dropped, every switch is complete (oxlint, by types)',
    [...bin('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings', 'src', 'workers', 'tests', 'bench', 'clients'],
  ],
  [
    'layers',
    'the dependency rules of docs/architecture.md (dependency-cruiser)',
    [
      ...bin('dependency-cruiser/bin/dependency-cruise.mjs'),
      'src',
      'workers',
      'tests',
      'clients/typescript/src',
      '--output-type',
      'err-long',
    ],
  ],
  ['order', 'files show what they export before their helpers', [process.execPath, 'scripts/check-order.mjs']],
  ['dead code', 'no file, export or dependency is unused (knip)', [...bin('knip/bin/knip.js'), '--no-progress']],
  ['prisma', 'schema, migrations and generated client agree', [process.execPath, 'scripts/check-prisma.mjs']],
  ['lock file', 'package-lock.json names the packages of every platform', [process.execPath, 'scripts/check-lock.mjs']],
  ['openapi', 'openapi.json is what the routes say', [process.execPath, 'scripts/check-openapi.mjs']],
  ['contract', 'openapi.json is what generators of clients expect (Redocly)', [process.execPath, 'scripts/check-contract.mjs']],
]

/** Runs one command to its end and gives its exit code with all it printed. */
const run = ([command, ...args]) =>
  new Promise((done) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' } })
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
    })
    child.stderr.on('data', (chunk) => {
      text += chunk
    })
    child.on('error', (error) => done({ code: 1, text: error.message }))
    child.on('close', (code) => done({ code, text }))
  })

/** A check of layers or order that read no TypeScript would be green too. */
const sawNothing = (name, text) => ['layers', 'order'].includes(name) && !(Number(/(\d+) (?:modules|files)/.exec(text)?.[1]) > 100)

if (!existsSync(resolve(root, 'node_modules/typescript'))) {
  console.error('The packages are missing: run `npm ci` first.')
  process.exit(1)
}
const wanted = process.argv.slice(2)
const chosen = checks.filter(([name]) => wanted.length === 0 || wanted.includes(name.replace(' ', '-')))
if (chosen.length === 0) {
  console.error(`No such check. There are: ${checks.map(([name]) => name.replace(' ', '-')).join(', ')}.`)
  process.exit(2)
}

const failures = []
for (const [name, proves, command] of chosen) {
  const started = performance.now()
  const { code, text } = await run(command)
  const empty = code === 0 && sawNothing(name, text)
  const passed = code === 0 && !empty
  console.log(
    `${passed ? 'ok  ' : 'FAIL'}  ${name.padEnd(10)} ${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s  ${proves}`,
  )
  if (!passed) failures.push({ name, text: empty ? `${text}\nThe checker read next to nothing: is TypeScript installed?` : text })
}
for (const { name, text } of failures) console.error(`\n--- ${name} ---\n${text.trim()}`)
process.exitCode = failures.length === 0 ? 0 : 1
