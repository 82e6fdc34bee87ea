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
  await transpile(['tests'], findFromSource)
}

/** Fixtures, scripts and the repository are found from where the source lies. */
const findFromSource = (text, path) => {
  const source = join(root, path)
  return text
    .replaceAll('import.meta.dirname', JSON.stringify(dirname(source)))
    .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(source).href))
}
