import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { headersVersion, packageVersion, root } from './places.mjs'
import { InstallError, lastLines, run } from './shell.mjs'

const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']

/** What tfjs-node must share with the service: with two copies each side would have its own engine. */
const shared = ['tfjs-core', 'tfjs-backend-cpu']

/**
 * Installs the package's JavaScript into `directory` with npm, no script run, and leaves out what the project has in the
 * same version: Node's upward search finds the project's copy from there.
 * @throws {InstallError}
 */
export const installPackage = async ({ name, directory, say }) => {
  await mkdir(directory, { recursive: true })
  const dependencies = { [`@tensorflow/${name}`]: packageVersion(name), 'node-api-headers': headersVersion }
  await writeFile(path.join(directory, 'package.json'), JSON.stringify({ private: true, dependencies }))
  say(`installing @tensorflow/${name} ${packageVersion(name)} with npm`)
  const [command, ...args] = npm
  // npm's own patience with a registry that does not answer is minutes.
  const patience = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000']
  const flags = ['install', ...patience, '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--no-workspaces', '--omit=dev']
  const outcome = await run(command, [...args, ...flags, '--prefix', directory], { cwd: directory, limit: 10 * 60_000 })
  if (outcome.code !== 0)
    throw new InstallError(
      `npm could get @tensorflow/${name} neither from its registry nor from its cache:\n${firstErrors(outcome.output)}`,
    )
  for (const part of shared) {
    const ours = path.join(root, 'node_modules', '@tensorflow', part)
    const theirs = path.join(directory, 'node_modules', '@tensorflow', part)
    if (!existsSync(ours)) throw new InstallError(`node_modules has no @tensorflow/${part}: npm ci`)
    if ((await versionOf(ours)) !== (await versionOf(theirs)))
      throw new InstallError(`@tensorflow/${part} is ${await versionOf(ours)} here and ${await versionOf(theirs)} in @tensorflow/${name}`)
    await rm(theirs, { recursive: true })
  }
  return path.join(directory, 'node_modules', '@tensorflow', name)
}

/**
 * The package's own install script, which has no time limit of its own and hangs for ever if its host never answers.
 * @returns {Promise<string | undefined>} why it did not work, or undefined when it ended well
 */
export const runOwnInstall = async ({ packageDirectory, limit = 5 * 60_000 }) => {
  if (!(await reachable())) return `${new URL(host()).host} is out of reach`
  const [command, ...args] = npm
  const outcome = await run(command, [...args, 'run', 'install', '--foreground-scripts'], { cwd: packageDirectory, limit })
  if (outcome.timedOut) return `it did not finish within ${limit / 60_000} minutes`
  return outcome.code === 0 ? undefined : lastLines(outcome.output, 2)
}

const versionOf = async (directory) => JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8')).version

/** What npm says first is why; then come pages of how. */
const firstErrors = (output) => {
  const errors = output.split('\n').filter((line) => line.startsWith('npm error'))
  return (errors.length > 0 ? errors : [lastLines(output)]).slice(0, 4).join('\n')
}

const host = () => process.env.TFJS_NODE_CDN_STORAGE || process.env.npm_config_TFJS_NODE_CDN_STORAGE || 'https://storage.googleapis.com/'

const reachable = async () => {
  // Its own script goes through a proxy, fetch does not.
  if (process.env.HTTPS_PROXY || process.env.https_proxy) return true
  try {
    await fetch(host(), { method: 'HEAD', signal: AbortSignal.timeout(5000) })
    return true
  } catch {
    return false
  }
}
