import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ajv } from 'ajv'
import { components } from '../../../src/api/components.ts'
import { environmentSchema } from '../../../src/environment.ts'

const ajv = new Ajv({ strict: false, allErrors: true })

const problems = (schema: object): string[] =>
  ajv.validateSchema(schema) ? [] : (ajv.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)

describe('the schemas of requests, answers and settings, which no process checks at its start', () => {
  const named = components.map((schema): [string, object] => [String(schema.$id), schema])
  for (const [name, schema] of [...named, ['the environment', environmentSchema] as const])
    it(`${name} is one of JSON Schema`, () => assert.deepEqual(problems(JSON.parse(JSON.stringify(schema))), []))

  it('what is none is told', () =>
    assert.deepEqual(problems({ properties: { a: { minimum: 'x' } } }), ['/properties/a/minimum must be number']))
})
