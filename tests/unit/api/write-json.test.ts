/** Answers of any size as JSON, as a process writes them that has others to answer too. */
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { JsonText, toJsonAnswer, toJsonPieces, toJsonText } from '../../../src/api/write-json.ts'

const numbers = (length: number) => Array.from({ length }, (_, at) => at / 3)
async function* items<Item>(...all: Item[]): AsyncGenerator<Item> {
  yield* all
}
const streamed = async (value: unknown): Promise<string> => {
  const answer = toJsonAnswer(value)
  assert.ok(answer instanceof Readable, 'a large answer is a stream')
  return text(answer)
}

describe('a JSON answer', () => {
  it('a JSON answer that is short is a string, as JSON.stringify gives it', () => {
    for (const value of [null, 1, 'x"', [], {}, [undefined, Number.NaN], { a: undefined, b: [{}, { c: new Date(0) }] }])
      assert.equal(toJsonAnswer(value), JSON.stringify(value))
  })

  it('a JSON answer that is large is a stream of the same text', async () => {
    const rows = Array.from({ length: 3000 }, (_, at) => ({ at, name: `row ${at}`, values: [at, null] }))
    const value = {
      numbers: numbers(100_000),
      rows,
      odd: [...numbers(600), { inner: numbers(600) }, 'x', [[], [numbers(1000)]]],
      none: undefined,
    }
    assert.equal(await streamed(value), JSON.stringify(value))
    assert.equal(await streamed('x'.repeat(200_000)), JSON.stringify('x'.repeat(200_000)))
  })

  it('a JSON answer takes typed arrays for lists, text of JSON as it is, and what comes later item by item', async () => {
    assert.equal(toJsonAnswer({ values: Float64Array.of(1, 2.5), text: new JsonText('{"a": 1}') }), '{"values":[1,2.5],"text":{"a": 1}}')
    assert.deepEqual(JSON.parse(await streamed(Float64Array.from(numbers(100_000)))), numbers(100_000))
    assert.equal(
      await streamed({ data: items<unknown>({ a: 1 }, new JsonText('2,3'), items(4)), more: true }),
      '{"data":[{"a":1},2,3,[4]],"more":true}',
    )
    assert.equal(await streamed({ data: items() }), '{"data":[]}')
  })

  it('a JSON answer names the numbers of typed arrays that are not finite', () => {
    assert.equal(toJsonAnswer([Float32Array.of(0.5, Number.NaN, -Infinity)]), '[[0.5,"NaN","-Infinity"]]')
  })

  it('a JSON answer is the same as one text and as pieces', async () => {
    const value = { values: Float64Array.from(numbers(50_000)), rows: items(1, 2) }
    const expected = JSON.stringify({ values: numbers(50_000), rows: [1, 2] })
    assert.equal(await toJsonText(value), expected)
    const pieces: string[] = []
    for await (const piece of toJsonPieces({ ...value, rows: items(1, 2) })) pieces.push(piece)
    assert.ok(pieces.length > 10 && pieces.join('') === expected)
  })

  it('a JSON answer gives others their turn between its pieces', async () => {
    let turns = 0
    const count = (): NodeJS.Immediate =>
      setImmediate(() => {
        turns += 1
        next = count()
      })
    let next = count()
    const answer = toJsonAnswer({ data: numbers(1_000_000) })
    let pieces = 0
    for await (const piece of answer as Readable) pieces += piece.length > 0 ? 1 : 0
    clearImmediate(next)
    assert.ok(pieces > 100)
    assert.ok(turns >= pieces - 5, `${turns} turns in ${pieces} pieces`)
  })
})
