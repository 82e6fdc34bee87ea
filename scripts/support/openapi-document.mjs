/** The OpenAPI document as the routes of the sources say it, without a database or a running service. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { register } from 'tsx/esm/api'
import { root } from './steps.mjs'

/** Where the document is kept. */
export const documentPath = join(root, 'openapi.json')

/** The document as text, the way it is kept. */
export const writeDocument = async () => {
  register()
  const { buildApp } = await import('../../src/http/app.ts')
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  // No request is served but the document's own, so nothing behind the routes is needed.
  const metrics = { observe: () => {} }
  const app = await buildApp({
    services: {},
    keys: { open: true },
    checks: {},
    metrics,
    newId: () => 'req',
    bodyLimit: 2 ** 26,
    version,
    askZstd: () => {},
  })
  const { body } = await app.inject({ url: '/openapi.json', headers: { host: '127.0.0.1:3000' } })
  await app.close()
  return `${format(JSON.parse(body))}\n`
}

/** Columns of a line of the kept document. */
const width = 140

/** JSON in which what fits on a line is on one. */
const format = (value, indent = '', before = 0) => {
  const line = onOneLine(value)
  if (typeof value !== 'object' || value === null || indent.length + before + line.length < width) return line
  const inner = `${indent}  `
  const lines = Array.isArray(value)
    ? value.map((one) => inner + format(one, inner))
    : Object.entries(value).map(([key, one]) => `${inner}${JSON.stringify(key)}: ${format(one, inner, JSON.stringify(key).length + 2)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`
}

const onOneLine = (value) => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`
  const entries = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${onOneLine(one)}`)
  return entries.length > 0 ? `{ ${entries.join(', ')} }` : '{}'
}
