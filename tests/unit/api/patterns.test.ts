/** Patterns are for programs: whoever sends what does not match is told in words what would. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createApiChecks } from '../../../src/api/checks.ts'
import { components } from '../../../src/api/components.ts'
import { isSchema, type Schema } from '../../../src/api/published.ts'

/** All schemas within one that have a pattern. */
const withPattern = (schema: unknown): Schema[] => {
  if (Array.isArray(schema)) return schema.flatMap(withPattern)
  if (!isSchema(schema)) return []
  return [...(typeof schema.pattern === 'string' ? [schema] : []), ...Object.values(schema).flatMap(withPattern)]
}

it('a text that does not match the pattern of a named schema is told in words what would', () => {
  const found = components.flatMap(withPattern)
  assert.ok(found.length >= 8)
  for (const { $id: _, ...schema } of found)
    assert.deepEqual(createApiChecks()(schema)('??'), [
      { path: '/body', code: 'pattern', message: `must be ${schema.title ?? '(a title is missing)'}`, value: '??' },
    ])
})
