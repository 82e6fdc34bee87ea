/** What package.json asks for. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const manifest: { dependencies: object; devDependencies: object } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
)
const wanted: Record<string, string> = { ...manifest.dependencies, ...manifest.devDependencies }

test('every package is asked for in one exact version', () => {
  for (const [name, version] of Object.entries(wanted)) assert.match(version, /^\d+\.\d+\.\d+(-[\w.-]+)?$/, name)
})

test('the packages of Prisma are of one release', () => {
  const releases = Object.entries(wanted).filter(([name]) => /^(@prisma\/|prisma$)/.test(name))
  assert.ok(releases.length >= 5)
  assert.deepEqual([...new Set(releases.map(([, version]) => version.split('-')[0]))], [wanted['@prisma/client']])
})

test('what is bundled into the command line is what is installed here', () => {
  const client = JSON.parse(readFileSync(new URL('../../clients/typescript/package.json', import.meta.url), 'utf8'))
  const bundled: Record<string, string> = client.devDependencies
  assert.ok(Object.keys(bundled).length > 0 && client.dependencies === undefined)
  for (const [name, version] of Object.entries(bundled)) assert.equal(wanted[name], version, name)
})
