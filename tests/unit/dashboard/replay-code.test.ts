/** The job's page shows the request that made it, to be copied into a shell or a program. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { languages, requestIn } from '../../../src/dashboard/views/job/replay-code.ts'

const config = { metadata: { name: `it's """quoted""" \\ "so" """`, empty: '' }, training: { shuffle: true, seed: null } }
const json = JSON.stringify(config, null, 2)
const origin = 'http://127.0.0.1:3000'

test('the request in a shell carries any config as it is', () => {
  const asked = requestIn('curl', { origin, json, hasKey: false })
  const [, , , , , body = ''] = execFileSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }; ${asked}`], { encoding: 'utf8' }).split('\0')
  assert.deepEqual(JSON.parse(body), config)
})

test('the request in Python holds any config in one raw string', () => {
  const asked = requestIn('Python', { origin, json, hasKey: false })
  // A raw string ends with the first three quotes of which none follows a backslash.
  const [, , held = ''] = /(json\.loads\(r""")((?:\\[\s\S]|(?!""")[^\\])*)"""\)/.exec(asked) ?? []
  assert.deepEqual(JSON.parse(held), config)
  assert.match(asked, /^client = trainyard\.Client\("http:\/\/127\.0\.0\.1:3000"\)$/m)
})

test('a key is asked of the environment and never part of a request', () => {
  for (const language of languages) {
    assert.match(requestIn(language, { origin, json, hasKey: true }), /TRAINYARD_API_KEY/)
    assert.doesNotMatch(requestIn(language, { origin, json, hasKey: false }), /TRAINYARD_API_KEY/)
  }
})
