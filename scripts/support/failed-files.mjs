/** A reporter for Node's runner: the test files in which something failed, as what fails in a group of files is told by where the group is. */
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { root } from './steps.mjs'

// biome-ignore lint/style/noDefaultExport: Node's runner asks for it
export default async function* reportFailedFiles(events) {
  const failed = new Set()
  for await (const { type, data } of events) if (type === 'test:fail' && data.nesting === 0) failed.add(fileOf(data))
  if (failed.size > 0) yield `\nfiles with failures:\n${[...failed].sort().join('\n')}\n`
}

/** The suites of a group are named after its files; a process that died has left the name of the file that it was at. */
const fileOf = ({ name, file }) => {
  if (name.startsWith('tests/')) return name
  const path = file ?? name
  if (existsSync(`${path}.running`)) return `${readFileSync(`${path}.running`, 'utf8')} (its process ended)`
  return relative(root, path)
    .replace(/^dist\//, '')
    .replace(/\.js$/, '.ts')
}
