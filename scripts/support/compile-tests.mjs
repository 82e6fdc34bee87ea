/**
 * The tests as JavaScript in dist/tests, beside the build that they then import: a process of the suite starts in half the
 * time that it takes to read TypeScript by hooks, and there are hundreds of them.
 */
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './steps.mjs'
import { transpile } from './transpile.mjs'

/** Compiles everything under tests anew. */
export const compileTests = async () => {
  rmSync(join(root, 'dist/tests'), { recursive: true, force: true })
  await transpile(['tests'], (text, path) => shareProcess(findFromSource(text, path)))
}

/** Fixtures, scripts and the repository are found from where the source lies. */
const findFromSource = (text, path) => {
  const source = join(root, path)
  return text
    .replaceAll('import.meta.dirname', JSON.stringify(dirname(source)))
    .replaceAll('import.meta.url', JSON.stringify(address(path)))
}

/** Files that share a process tell Node's runner of their tests one after the other. */
const shareProcess = (text) => text.replaceAll('from "node:test";', `from ${JSON.stringify(address('scripts/support/node-test.mjs'))};`)

const address = (path) => pathToFileURL(join(root, path)).href
