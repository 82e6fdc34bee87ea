/**
 * Test files that share a process. Most of what a file takes is the start of its process, which reads the product and its packages and compiles its schemas;
 * in a group only the first pays for it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './steps.mjs'
import { transpiledPath } from './transpile.mjs'

/** How many files of these folders share a process, the first that fits. Of others each has its own. */
const sizes = [
  ['tests/unit/workers/engine', 6],
  ['tests/unit', 14],
  ['tests/integration/http', 8],
  ['tests/integration/worker', 4],
  ['tests/e2e', 4],
]

/** A file has a process of its own if it changes the environment, what the process is made of, or the catalog, which others would see. */
const needsProcess = /process\.env(\.\w+|\[\w+\]) = |process\.memoryUsage|monitorEventLoopDelay|mock\.method\(JSON|register\w*\(/

/**
 * What is to be run: compiled files that stay alone, and for each group one that loads the files of the group.
 * @param paths sources, sorted
 */
export const groupTests = (paths, { timeoutMs }) => {
  const groups = new Map()
  const alone = []
  for (const path of paths) {
    const [folder, size] = sizes.find(([folder]) => path.startsWith(`${folder}/`)) ?? []
    if (!folder || isAlone(path)) {
      alone.push(path)
      continue
    }
    const members = groups.get(folder) ?? []
    groups.set(folder, members)
    if (members.length === 0 || members.at(-1).length === size) members.push([])
    members.at(-1).push(path)
  }
  const shared = [...groups].flatMap(([folder, members]) => members.map((files, index) => [`${folder}-${index + 1}`, files]))
  return [
    ...alone.map(transpiledPath),
    ...shared.map(([name, files]) => (files.length === 1 ? transpiledPath(files[0]) : writeGroup(name, files, timeoutMs))),
  ]
}

/** A file that starts a product, or whole commands, is as long as a group; those that share one gain by being together. */
const isAlone = (path) => {
  const text = readFileSync(join(root, path), 'utf8')
  return needsProcess.test(text) || (path.startsWith('tests/e2e/') && !text.includes('sharedProduct('))
}

const writeGroup = (name, files, timeoutMs) => {
  const target = join('dist/tests/groups', `${name.replace('tests/', '').replaceAll('/', '-')}.test.js`)
  const address = (path) => pathToFileURL(join(root, path)).href
  const list = files.map((path) => [path, address(transpiledPath(path))])
  const text = `import { runFiles } from ${JSON.stringify(address('scripts/support/node-test.mjs'))}
await runFiles(${JSON.stringify(list, null, 2)}, { timeoutMs: ${timeoutMs} })
`
  mkdirSync(join(root, dirname(target)), { recursive: true })
  writeFileSync(join(root, target), text)
  return target
}
