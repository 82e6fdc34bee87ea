/** What validation says of every small way to break a config: kept from before the schemas had names, and the same since but that only the dataset is required. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { createApiChecks } from '../../../src/api/checks.ts'
import { mutationsOf } from '../../support/mutations.ts'

const fixture = (name: string) => JSON.parse(readFileSync(new URL(`../../fixtures/validation/${name}.json`, import.meta.url), 'utf8'))

it('every broken job config has the same validation errors, path by path and code by code, all at once', () => {
  const check = createApiChecks()({ $ref: 'JobConfig#' })
  const expected: Record<string, string[]> = fixture('errors')
  const found: Record<string, string[]> = {}
  for (const [at, config] of Object.entries(fixture('configs')))
    for (const { name, document } of mutationsOf(config)) {
      const errors = check(document).map(({ path, code }) => `${path} ${code}`)
      if (errors.length > 0) found[`${at} ${name}`] = errors
    }
  assert.ok(Object.keys(found).length > 900)
  assert.deepEqual(found, expected)
})
