/**
 * npm run tensorflow:install [-- --gpu] [-- --check] [-- --find-links DIR] [-- --nodedir DIR]
 *
 * Gives this machine a loading native TensorFlow by the first way that works: what already loads; the package's own
 * install; TensorFlow's Python wheel, against which the package's own binding is compiled. Everything is built aside and
 * moved into place when it has trained a step.
 */
import { existsSync } from 'node:fs'
import { chmod, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { compileBinding } from './tensorflow/binding.mjs'
import { installPackage, runOwnInstall } from './tensorflow/package.mjs'
import { installDirectory, libraryDirectory, root, stagingFor } from './tensorflow/places.mjs'
import { located, probe } from './tensorflow/probe.mjs'
import { InstallError } from './tensorflow/shell.mjs'
import { distributionFor, installLibraries } from './tensorflow/wheels.mjs'

const say = (line) => console.log(line)

const describe = (report) => {
  const { candidate, device, version, milliseconds, lossBefore, lossAfter } = report
  say(`@tensorflow/${candidate.package} in ${path.relative(root, candidate.directory) || candidate.directory}`)
  say(`TensorFlow ${version} on Node ${process.versions.node}, device: ${device}, loaded in ${Math.round(milliseconds)} ms`)
  say(`one trained step: loss ${lossBefore.toFixed(6)} -> ${lossAfter.toFixed(6)}`)
}

/**
 * What a candidate does here, or what is installed where none is given. A GPU package without a device still is TensorFlow
 * on the CPU; `note` says so then.
 */
const look = async (name, given) => {
  if (name === 'tfjs-node') return { report: await probe('tensorflow', given) }
  const candidate = given ?? (await located('tensorflow-gpu'))[0]
  const gpu = await probe('tensorflow-gpu', candidate)
  if (gpu.ok || !candidate) return { report: gpu }
  const cpu = await probe('tensorflow', candidate)
  return cpu.ok ? { report: cpu, note: `no GPU is used: ${gpu.reason}` } : { report: gpu }
}

const requireWorking = ({ report, note }) => {
  if (!report.ok) throw new InstallError(`what was built does not load: ${report.reason}`)
  return { report, note }
}

const putInPlace = async (staging, target) => {
  const old = `${target}.old-${process.pid}`
  if (existsSync(target)) await rename(target, old)
  await chmod(staging, 0o755)
  await rename(staging, target)
  await rm(old, { recursive: true, force: true })
}

const install = async (name, { gpu, findLinks, nodedir }) => {
  if (process.platform === 'win32') throw new InstallError('the service runs on Linux and macOS')
  const target = installDirectory(name)
  const staging = stagingFor(target)
  try {
    const packageDirectory = await installPackage({ name, directory: staging, say })
    const candidate = { package: name, directory: packageDirectory }
    const refused = findLinks ? 'a folder of wheels was given' : await runOwnInstall({ packageDirectory })
    const own = refused ? undefined : await look(name, candidate)
    if (own?.report.ok) say("installed by the package's own script")
    else {
      say(`the package's own install does not work here: ${refused ?? own.report.reason}`)
      if (process.platform !== 'linux') throw new InstallError('TensorFlow from Python wheels is only done on Linux')
      const libraries = libraryDirectory(distributionFor(gpu))
      await installLibraries({ target: libraries, gpu, findLinks, say })
      await compileBinding({ packageDirectory, libraries, nodedir, say })
      requireWorking(await look(name, candidate))
    }
    await putInPlace(staging, target)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

const main = async () => {
  const { values } = parseArgs({
    options: {
      gpu: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      'find-links': { type: 'string' },
      // pip's own flag, accepted so that its habits work: a folder of wheels always means no index.
      'no-index': { type: 'boolean', default: false },
      nodedir: { type: 'string', default: process.env.npm_config_nodedir },
    },
  })
  const name = values.gpu ? 'tfjs-node-gpu' : 'tfjs-node'
  if (values['no-index'] && !values['find-links']) throw new InstallError('--no-index needs --find-links DIR, a folder of wheels')
  const findLinks = values['find-links'] && path.resolve(values['find-links'])
  let found = await look(name)
  if (values.check && !found.report.ok) throw new InstallError(`native TensorFlow does not load: ${found.report.reason}`)
  if (!found.report.ok) {
    await install(name, { gpu: values.gpu, findLinks, nodedir: values.nodedir })
    found = requireWorking(await look(name))
  }
  if (found.note) say(found.note)
  describe(found.report)
}

try {
  await main()
} catch (error) {
  if (!(error instanceof InstallError) && !String(error?.code).startsWith('ERR_PARSE_ARGS')) throw error
  console.error(error.message)
  process.exitCode = 1
}
