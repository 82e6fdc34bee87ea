/** The types of the contract, made of openapi.json for those who know nothing else of the product: the page and the client. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './steps.mjs'

/** Writes them into a file of the repository, unless it has them already. */
export const writeContractTypes = async (file) => {
  const document = readFileSync(join(root, 'openapi.json'), 'utf8')
  const head = `// Made of openapi.json (${createHash('sha256').update(document).digest('hex')}): not to be edited.\n`
  const target = join(root, file)
  if (isMadeOf(target, head)) return
  const { default: openapiTypes, astToString } = await import('openapi-typescript')
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, head + astToString(await openapiTypes(document)))
}

const isMadeOf = (file, head) => {
  try {
    return readFileSync(file, 'utf8').startsWith(head)
  } catch {
    return false
  }
}
