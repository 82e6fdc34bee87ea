import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Type } from 'typebox'
import { schemaFamily } from '../../../src/catalog/definition.ts'
import { createChecks } from '../../../src/validation/validate.ts'

const check = createChecks()
const errorsBy = (make: typeof check) => (schema: object, value: unknown) =>
  make(schema)(value).map(({ path, code, message, value: found }) => [path, code, message, found])
const errorsOf = errorsBy(check)

describe('a check', () => {
  it('a check names every validation error at once, unknown and missing fields by their own path', () => {
    const schema = Type.Object({ a: Type.Integer({ minimum: 1 }), 'b/c': Type.String() }, { additionalProperties: false })
    assert.deepEqual(errorsOf(schema, { a: 0.5, '~d': true }), [
      ['/b~1c', 'required', 'is required', undefined],
      ['/~0d', 'unknown_field', 'is not a known field', undefined],
      ['/a', 'type', 'must be integer', 0.5],
      ['/a', 'minimum', 'must be >= 1', 0.5],
    ])
  })

  it('numbers of queries and paths are written in decimal digits alone', () => {
    const schema = Type.Object({ whole: Type.Optional(Type.Integer()), any: Type.Optional(Type.Number()) })
    const coerced = createChecks({ coerce: true })
    for (const text of ['0x1', '0b1', '0o7', '1e3', '1.0', ' 7', '7 ', '+7', '', '7n', '1_000', '٣'])
      assert.deepEqual(
        coerced(schema)({ whole: text }).map(({ path, code }) => [path, code]),
        [['/whole', 'type']],
        text,
      )
    for (const text of ['0x1', ' 7', '+7', '', '.5', '5.', 'Infinity'])
      assert.deepEqual(
        coerced(schema)({ any: text }).map(({ code }) => code),
        ['type'],
        text,
      )
    const value = { whole: '-7', any: '1.5e-3' }
    assert.deepEqual(coerced(schema)(value), [])
    assert.deepEqual(value, { whole: -7, any: 0.0015 })
  })

  it('a time in another form is answered with an example of one that is right', () => {
    const schema = Type.Object({ at: Type.String({ format: 'date-time' }) })
    const [error] = errorsOf(schema, { at: '2026-07-28' })
    assert.deepEqual(error?.slice(0, 2), ['/at', 'format'])
    const at = /like "(.+)"$/.exec(String(error?.[2]))?.[1]
    assert.deepEqual(errorsOf(schema, { at }), [])
  })

  it('a check fills defaults in', () => {
    const value = {}
    assert.deepEqual(check(Type.Object({ a: Type.Optional(Type.Integer({ default: 3 })) }))(value), [])
    assert.deepEqual(value, { a: 3 })
  })

  it('a check says where the whole value is wrong', () => {
    assert.deepEqual(errorsOf(Type.Object({}), 5), [['/body', 'type', 'must be object', 5]])
    assert.deepEqual(check(Type.Object({}), '/options')(5)[0]?.path, '/options')
  })

  it('lists the types that a config may have, and speaks of the options of the one it has', () => {
    const option = { delta: Type.Number({ exclusiveMinimum: 0, default: 1 }) }
    const losses = { l1: { type: 'l1', summary: '', options: {} }, huber: { type: 'huber', summary: '', options: option } }
    const { union: schema, schemas } = schemaFamily('Loss', losses, { description: 'A loss.' })
    const errorsOf = errorsBy(createChecks({ schemas }))
    assert.deepEqual(errorsOf(schema, { type: 'guess' }), [['/type', 'enum', 'must be one of l1, huber', 'guess']])
    assert.deepEqual(errorsOf(schema, {}), [['/type', 'required', 'is required', undefined]])
    assert.deepEqual(errorsOf(schema, { type: 'huber', delta: 0 }), [['/delta', 'exclusiveMinimum', 'must be > 0', 0]])
  })

  it('a check says one thing about a union, or what is wrong with the one branch that fits', () => {
    const schema = Type.Union([Type.Literal('auto'), Type.Literal('none'), Type.Object({ size: Type.Integer() })])
    assert.deepEqual(errorsOf(schema, 'some'), [['/body', 'enum', 'must be "auto" or "none" or object', 'some']])
    assert.deepEqual(errorsOf(schema, { size: 'big' }), [['/size', 'type', 'must be integer', 'big']])
  })

  it('a check repeats no long texts', () => {
    const [error] = check(Type.Integer())('x'.repeat(1000))
    assert.ok(String(error?.value).length < 300)
  })

  it('a check takes infinite numbers for no numbers, and says so where a number is wanted', () => {
    const schema = Type.Object({ rate: Type.Number(), count: Type.Integer(), name: Type.String() })
    assert.deepEqual(
      errorsOf(schema, JSON.parse('{"rate": 1e309, "count": -1e309, "name": 1e309}')).map(([path, code, message]) => [path, code, message]),
      [
        ['/rate', 'type', 'must be a finite number'],
        ['/count', 'type', 'must be a finite number'],
        ['/name', 'type', 'must be string'],
      ],
    )
  })

  it('turns the texts of a query into what its schema wants', () => {
    const query = { wait: '5', deep: 'true', name: '7' }
    const schema = Type.Object({ wait: Type.Number(), deep: Type.Boolean(), name: Type.String() })
    assert.deepEqual(createChecks({ coerce: true })(schema)(query), [])
    assert.deepEqual(query, { wait: 5, deep: true, name: '7' })
  })
})
