/** The documentation keeps up with what it documents. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import { componentOf, components } from '../../../src/api/components.ts'
import { jobErrorCodes, problemCatalog } from '../../../src/contracts/error-codes.ts'
import { eventTypes } from '../../../src/contracts/event-types.ts'
import { environmentSchema } from '../../../src/environment.ts'
import { formMediaTypes, uploadFormats } from '../../../src/features/datasets/formats/all-formats.ts'

const root = resolve(import.meta.dirname, '../../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

test('docs/errors.md lists every code with its status', () => {
  const text = read('docs/errors.md')
  for (const [code, { status }] of Object.entries(problemCatalog)) assert.ok(text.includes(`| \`${code}\` | ${status} |`), code)
  for (const code of jobErrorCodes) assert.ok(text.includes(`| \`${code}\` |`), code)
})

test('docs/operations.md lists every variable with its default', () => {
  const text = read('docs/operations.md')
  for (const [name, schema] of Object.entries(environmentSchema.properties)) {
    const byDefault = 'default' in schema ? `\`${String(schema.default)}\`` : 'unset'
    assert.ok(text.includes(`| \`${name}\` | ${byDefault} |`), `${name} with ${byDefault}`)
  }
})

test('docs/api.md names every format of uploads by its media types and the ends of file names', () => {
  const text = read('docs/api.md')
  for (const { mediaTypes, extensions, kind } of uploadFormats) {
    for (const type of mediaTypes) assert.ok(text.includes(`\`${type}\``), type)
    if (kind === 'file') for (const extension of extensions) assert.ok(text.includes(`\`*.${extension}\``), extension)
  }
  for (const type of formMediaTypes) assert.ok(text.includes(`\`${type}\``), type)
})

test('docs/api.md lists every type of event with the fields of its data, and no other', () => {
  const [, table = ''] = read('docs/api.md').split('| `type` |')
  const rows = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `([a-z.]+)` \| .+ \| (.+) \|$/gm)]
  assert.deepEqual(
    rows.map(([, type]) => type),
    eventTypes,
  )
  for (const [, type = '', fields = ''] of rows) {
    const named = [...fields.matchAll(/`(\w+)`/g)].map(([, field]) => field)
    const { data } = schemaOf(type)
    assert.deepEqual(named, Object.keys(data.properties), type)
  }
})

type DataSchema = { $id?: string; properties: object }

/** The schema of what an event of a type has, out of those that the document holds. */
const schemaOf = (type: string): { data: DataSchema } => {
  const named = components as readonly { $id?: string; properties?: { type?: { const?: string }; data?: { $ref?: string } } }[]
  const event = named.find(({ $id, properties }) => $id?.startsWith('Event') && properties?.type?.const === type)
  return { data: componentOf(event?.properties?.data?.$ref) as DataSchema }
}

test('docs/architecture.md says of every dependency rule what the checker says of it, and of no other', () => {
  const rules = [...read('.dependency-cruiser.cjs').matchAll(/\brule\(\s*'([a-z0-9-]+)',\s*(?:'([^']*)'|"([^"]*)")/g)]
  const told = [...read('docs/architecture.md').matchAll(/^\| `([a-z0-9-]+)` \| (.*) \|$/gm)]
  assert.ok(rules.length > 20)
  assert.deepEqual(
    Object.fromEntries(told.map(([, name, sentence]) => [name, sentence?.replaceAll('`', '')])),
    Object.fromEntries(rules.map(([, name, single, double]) => [name, single ?? double])),
  )
})

test('decisions are numbered without a gap, each with its costs and what else was weighed, and listed', async () => {
  const files = (await readdir(join(root, 'docs/adr'))).filter((file) => file !== 'README.md').sort()
  for (const [index, file] of files.entries()) {
    const number = String(index + 1).padStart(4, '0')
    assert.ok(file.startsWith(`${number}-`), file)
    const text = read(`docs/adr/${file}`)
    assert.ok(text.startsWith(`# ${number} `), file)
    for (const part of ['**Decided.**', '**Why.**', '**Costs.**', '**Weighed.**']) assert.ok(text.includes(part), `${file} has ${part}`)
    assert.ok(read('docs/adr/README.md').includes(`(${file})`), `${file} is listed`)
  }
})

test('every example is listed', async () => {
  const files = (await readdir(join(root, 'examples'))).filter((file) => file.endsWith('.json') && file !== 'routes.json')
  for (const file of files) assert.ok(read('examples/README.md').includes(`\`${file}\``), file)
})

test('CONTRIBUTING.md says how to add each kind of thing, and every file that it names is there', () => {
  const text = read('CONTRIBUTING.md')
  const kinds = [
    'a loss',
    'a layer',
    'an optimizer',
    'a dataset format',
    'a weights format',
    'a route',
    'an event',
    'an error code',
    'an epoch column',
  ]
  assert.deepEqual(
    [...text.matchAll(/^### (.*)$/gm)].map(([, kind]) => kind),
    kinds,
  )
  const files = [...text.matchAll(/\b(?:src|workers|tests|docs|prisma|scripts)\/[\w./-]+\.\w+/g)].map(([file]) => file)
  assert.ok(files.length > 40)
  for (const file of files) assert.ok(existsSync(join(root, file)), file)
})

test('README.zh-CN.md has the commands, the answers and the links of README.md, and each leads to the other', () => {
  const [english, chinese] = ['README.md', 'README.zh-CN.md'].map((file) => {
    const blocks = [...read(file).matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, kind, code = '']) => [kind, code.replace(/ +# .*$/gm, '')])
    const targets = [...read(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
    return { blocks, inline: inlineCode(read(file)), targets: targets.filter((target) => !/^README/.test(target)).sort() }
  })
  assert.ok(english && english.blocks.length > 3 && english.targets.length > 15 && english.inline.length > 5)
  assert.deepEqual(chinese, english)
  assert.ok(read('README.md').includes('](README.zh-CN.md)') && read('README.zh-CN.md').includes('](README.md)'))
})

/** What a document names as code in its sentences, each once. */
const inlineCode = (text: string): string[] =>
  [...new Set([...text.replace(/```[\s\S]*?```/g, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code))].sort()

test('links between the documents lead somewhere', async () => {
  const docs = (await readdir(join(root, 'docs'), { recursive: true })).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`)
  for (const file of ['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', 'examples/README.md', ...docs])
    for (const [, target = ''] of read(file).matchAll(/\]\(([^)#\s]+)[^)]*\)/g))
      if (!/^https?:/.test(target)) assert.ok(existsSync(join(root, dirname(file), target)), `${file} links to ${target}`)
})
