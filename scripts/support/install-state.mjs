/** Is node_modules what package-lock.json says, and how to make it so. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fail, root, run, withProgress } from './steps.mjs'

const otherManagers = ['.pnpm', '.modules.yaml', '.yarn-integrity', '.yarn-state.yml'].map((mark) => join(root, 'node_modules', mark))

/**
 * What is missing from node_modules, or differs from the lock file; undefined when all is there. npm notes what it has
 * installed in node_modules/.package-lock.json; packages for other platforms are missing with reason.
 * @param {{ withDevelopment: boolean }} options
 */
export const findMissingPackage = ({ withDevelopment }) => {
  if (!existsSync(join(root, 'node_modules'))) return 'node_modules'
  // Written last, so an installation that was cut short has none. Other package managers leave marks of their own.
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return otherManagers.some(existsSync) ? undefined : 'part of node_modules'
  const installed = readJson('node_modules/.package-lock.json').packages
  for (const [path, wanted] of Object.entries(readJson('package-lock.json').packages)) {
    const mayBeMissing = path === '' || wanted.optional || wanted.devOptional || wanted.peer || (wanted.dev && !withDevelopment)
    const there = installed[path]
    if (there ? there.version !== wanted.version : !mayBeMissing) return path.replace(/^.*node_modules\//, '')
  }
  return undefined
}

/** Installs the packages if something is missing. Ends the script if that fails. */
export const install = async () => {
  if (findMissingPackage({ withDevelopment: true }) === undefined) return
  const [command, ...args] = npm()
  const { code, output } = await withProgress('installing packages (npm ci)', () =>
    run(command, [...args, 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'], { quiet: true }),
  )
  if (code !== 0) fail(`${output.trim()}\nThe packages could not be installed: see above, then run \`npm ci\`.`)
}

const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'))

/** npm as it runs this script, or else the one on PATH. */
const npm = () => {
  const path = process.env.npm_execpath ?? ''
  return /^npm-cli\.c?js$/.test(basename(path)) ? [process.execPath, path] : ['npm']
}
