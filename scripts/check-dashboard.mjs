#!/usr/bin/env node
/** The types of the page: those of its requests and answers are made of openapi.json first, if that has changed. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import openapiTypes, { astToString } from 'openapi-typescript'
import { root, run } from './support/steps.mjs'

const folder = resolve(root, 'src/dashboard/generated')
const types = join(folder, 'api.d.ts')
const document = readFileSync(resolve(root, 'openapi.json'), 'utf8')
const head = `// Made of openapi.json (${createHash('sha256').update(document).digest('hex')}) by \`npm run check -- types\`.\n`

const isCurrent = () => {
  try {
    return readFileSync(types, 'utf8').startsWith(head)
  } catch {
    return false
  }
}

if (!isCurrent()) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(types, head + astToString(await openapiTypes(document)))
}
const { code, output } = await run(
  process.execPath,
  [resolve(root, 'node_modules/typescript/bin/tsc'), '-p', 'src/dashboard/tsconfig.json'],
  {
    quiet: true,
  },
)
if (output.trim()) console.log(output.trim())
process.exitCode = code
