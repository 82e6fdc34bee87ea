/** What package.json asks for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import manifest from '../../package.json' with { type: 'json' }

const wanted: Record<string, string> = { ...manifest.dependencies, ...manifest.devDependencies }

test('every package is asked for in one exact version', () => {
  for (const [name, version] of Object.entries(wanted)) assert.match(version, /^\d+\.\d+\.\d+(-[\w.-]+)?$/, name)
})

test('the packages of Prisma are of one release', () => {
  const releases = Object.entries(wanted).filter(([name]) => /^(@prisma\/|prisma$)/.test(name))
  assert.ok(releases.length >= 5)
  assert.deepEqual([...new Set(releases.map(([, version]) => version.split('-')[0]))], [wanted['@prisma/client']])
})
