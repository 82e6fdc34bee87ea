/**
 * The dependency rules hold, and the checker sees each of them: in a copy of the tree every rule is broken once, and it
 * must say so under that rule's name.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, before, test } from 'node:test'

type Violation = { from: string; to: string; rule: { name: string } }
type Verdict = { violations: Violation[]; totalCruised: number }

const root = resolve(import.meta.dirname, '../..')
const rules: { name: string }[] = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')).forbidden

/** Runs a command to its end, whatever its exit code. */
const run = (command: string, args: string[], cwd: string) =>
  new Promise<{ code: number | string; out: string; text: string }>((done) => {
    execFile(command, args, { cwd, maxBuffer: 256 * 1024 * 1024 }, (error, out, err) =>
      done({ code: error?.code ?? 0, out, text: `${out}\n${err}` }),
    )
  })

const cruise = async (folder: string): Promise<Verdict> => {
  const checker = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const ended = await run(process.execPath, [checker, 'src', 'workers', 'tests', 'clients/typescript/src', '--output-type', 'json'], folder)
  assert.ok(ended.out.startsWith('{'), ended.text)
  return JSON.parse(ended.out).summary
}

/** One broken rule: the file that breaks it and what it imports, as written from its folder. */
const plants: Record<string, { file: string; imports: string }> = {
  'no-circles': { file: 'src/features/planted/circle-a.ts', imports: './circle-b.ts' },
  'no-dangling-import': { file: 'src/features/planted/dangling.ts', imports: './nowhere.ts' },
  'numerics-are-leaves': { file: 'src/numerics/planted.ts', imports: '../contracts/planted.ts' },
  'library-is-below-features': { file: 'src/contracts/planted-upward.ts', imports: '../platform/planted/adapter.ts' },
  'catalog-knows-no-requests': { file: 'src/catalog/planted-request.ts', imports: '../api/planted.schema.ts' },
  'validation-knows-no-subject': { file: 'src/validation/planted-subject.ts', imports: '../api/planted.schema.ts' },
  'platform-is-below-features': { file: 'src/platform/planted/upward.ts', imports: '../../features/planted/rules.ts' },
  'platform-adapters-are-independent': { file: 'src/platform/planted/neighbour.ts', imports: '../other/adapter.ts' },
  'features-are-below-entry-points': { file: 'src/features/planted/upward.ts', imports: '../../http/planted.ts' },
  'services-get-collaborators-as-arguments': { file: 'src/features/planted/one.service.ts', imports: './two.repository.ts' },
  'features-share-rules-only': { file: 'src/features/planted/nosy.ts', imports: '../other/other.repository.ts' },
  'rules-are-pure': { file: 'src/features/planted/impure.ts', imports: '../../platform/planted/adapter.ts' },
  'routes-call-services-only': { file: 'src/http/planted.routes.ts', imports: '../features/planted/two.repository.ts' },
  'dashboard-knows-contract-only': { file: 'src/dashboard/planted.tsx', imports: '../contracts/planted.ts' },
  'clients-know-contract-only': { file: 'clients/typescript/src/planted.ts', imports: '../../../src/contracts/planted.ts' },
  'http-never-imports-workers': { file: 'src/http/planted-worker.ts', imports: '../../workers/training/planted.ts' },
  'workers-never-import-http': { file: 'workers/training/planted-http.ts', imports: '../../src/http/planted.ts' },
  'engine-is-pure': { file: 'workers/engine/planted.ts', imports: '../../src/features/planted/rules.ts' },
  'engines-are-independent': { file: 'workers/engine/graph/planted.ts', imports: '../eager/planted.ts' },
  'only-engine-knows-tensorflow': { file: 'workers/training/planted-tensors.ts', imports: '@tensorflow/tfjs-core' },
  'api-never-loads-tensorflow': { file: 'src/http/planted-tensors.ts', imports: '../features/planted/tensors.ts' },
  'only-http-knows-fastify': { file: 'src/features/planted/web.ts', imports: 'fastify' },
  'only-queue-and-training-know-bullmq': { file: 'src/features/planted/queue.ts', imports: 'bullmq' },
  'only-repositories-know-prisma': { file: 'src/features/planted/rows.ts', imports: '@prisma/client' },
  'only-platform-knows-the-driver': { file: 'src/features/planted/driver.ts', imports: 'pg' },
  'only-entries-read-config': { file: 'src/features/planted/settings.ts', imports: '../../config.ts' },
  'nobody-imports-entries': { file: 'tests/unit/planted-entry.ts', imports: '../../src/server.ts' },
  'product-never-imports-tests': { file: 'src/features/planted/tested.ts', imports: '../../../tests/unit/planted.ts' },
  'product-needs-no-dev-packages': { file: 'src/features/planted/tooling.ts', imports: 'typescript' },
  'e2e-sees-a-black-box': { file: 'tests/e2e/planted.ts', imports: '../../src/contracts/planted.ts' },
}

/** What the plants import, so that each import resolves. */
const targets: Record<string, string> = {
  'src/contracts/planted.ts': '',
  'src/api/planted.schema.ts': '',
  'src/platform/planted/adapter.ts': '',
  'src/platform/other/adapter.ts': '',
  'src/features/planted/rules.ts': '',
  'src/features/planted/circle-b.ts': "import './circle-a.ts'\n",
  'src/features/planted/two.repository.ts': '',
  'src/features/planted/tensors.ts': "import '@tensorflow/tfjs-core'\n",
  'src/features/other/other.repository.ts': '',
  'src/http/planted.ts': '',
  'workers/training/planted.ts': '',
  'workers/engine/eager/planted.ts': '',
  'tests/unit/planted.ts': '',
}

let copy: string

before(async () => {
  copy = await mkdtemp(join(tmpdir(), 'trainyard-rules-'))
  for (const part of [
    'src',
    'workers',
    'tests',
    'clients/typescript/src',
    'package.json',
    'tsconfig.json',
    '.dependency-cruiser.cjs',
    'biome.json',
  ]) {
    await cp(join(root, part), join(copy, part), { recursive: true })
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  const files = { ...targets, ...Object.fromEntries(Object.values(plants).map((plant) => [plant.file, `import '${plant.imports}'\n`])) }
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(copy, file)), { recursive: true })
    await writeFile(join(copy, file), text)
  }
})

after(() => rm(copy, { recursive: true, force: true }))

test('the tree keeps every dependency rule, and the checker really read it', async () => {
  const verdict = await cruise(root)
  assert.deepEqual(
    verdict.violations.map((violation) => `${violation.rule.name}: ${violation.from} -> ${violation.to}`),
    [],
  )
  assert.ok(verdict.totalCruised > 100, `only ${verdict.totalCruised} modules were read`)
})

test('every dependency rule has a planted violation, and every one is caught under its own name', async () => {
  assert.deepEqual(Object.keys(plants).sort(), rules.map((rule) => rule.name).sort())
  const verdict = await cruise(copy)
  for (const [name, plant] of Object.entries(plants)) {
    const caught = verdict.violations.some((violation) => violation.rule.name === name && violation.from === plant.file)
    assert.ok(caught, `${plant.file} imports ${plant.imports}, and ${name} did not see it`)
  }
})

test('only entries and the configuration may touch the environment', async () => {
  const file = 'src/features/planted/environment.ts'
  await writeFile(join(copy, file), 'export const home = process.env.HOME\n')
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  const ended = await run(process.execPath, [biome, 'lint', '--vcs-enabled=false', file], copy)
  assert.notEqual(ended.code, 0)
  assert.match(ended.text, /noProcessEnv/)
})
