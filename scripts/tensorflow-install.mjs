/**
 * npm run tensorflow:install: gives this machine a loading native TensorFlow by the first way that works: what already
 * loads; the package's own install; TensorFlow's Python wheel, against which the package's own binding is compiled.
 * Everything is built aside and moved into place when it has trained a step.
 */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { compileBinding, findCompiler } from './tensorflow/binding.mjs'
import { hasDevice } from './tensorflow/device.mjs'
import { installPackage, runOwnInstall } from './tensorflow/package.mjs'
import { installDirectory, libraryDirectory, putInPlace, root, stagingFor } from './tensorflow/places.mjs'
import { located, probe } from './tensorflow/probe.mjs'
import { InstallError } from './tensorflow/shell.mjs'
import { distributionFor, installLibraries } from './tensorflow/wheels.mjs'

const usage = `npm run tensorflow:install [-- OPTIONS]

  --gpu              with CUDA; where this machine has no NVIDIA device, TensorFlow for the CPU
  --without-device   with --gpu: CUDA even where there is no device, for an image that another machine will run
  --check            install nothing, only say what is there; exits 1 where nothing loads
  --find-links DIR   take Python's wheels from this folder and from no index (--no-index says the same once more)
  --nodedir DIR      where Node's headers are (DIR/include/node/node_api.h), if not beside Node`

const say = (line) => console.log(line)

const describe = (report) => {
  const { candidate, device, version, milliseconds, lossBefore, lossAfter } = report
  say(`@tensorflow/${candidate.package} in ${path.relative(root, candidate.directory) || candidate.directory}`)
  say(`TensorFlow ${version} on Node ${process.versions.node}, device: ${device}, loaded in ${Math.round(milliseconds)} ms`)
  say(`one trained step: loss ${lossBefore.toFixed(6)} -> ${lossAfter.toFixed(6)}`)
}

/**
 * What a candidate does here, or what is installed if none is given. A GPU package without a device still is TensorFlow
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

const install = async (name, { gpu, findLinks, nodedir }) => {
  if (process.platform === 'win32') throw new InstallError('the service runs on Linux and macOS')
  const target = installDirectory(name)
  const staging = stagingFor(target)
  try {
    const packageDirectory = await installPackage({ name, directory: staging, say })
    const candidate = { package: name, directory: packageDirectory }
    const refused = findLinks ? 'it is left out, since a folder of wheels was given' : await runOwnInstall({ packageDirectory })
    const own = refused ? undefined : await look(name, candidate)
    // With --gpu its library of 2022 loads on most machines, and finds its CUDA 11.2 on few of them.
    const isGood = own?.report.ok && (!gpu || own.report.device === 'gpu')
    if (isGood) say("installed by the package's own script")
    else {
      say(`the package's own install: ${refused ?? own.note ?? own.report.reason}`)
      if (process.platform !== 'linux') throw new InstallError('TensorFlow from Python wheels is only done on Linux')
      const compiler = await findCompiler()
      const libraries = libraryDirectory(distributionFor(gpu), gpu)
      await installLibraries({ target: libraries, gpu, findLinks, say })
      await compileBinding({ packageDirectory, libraries, compiler, nodedir, say })
      requireWorking(await look(name, candidate))
    }
    await putInPlace(staging, target)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

const options = {
  gpu: { type: 'boolean', default: false },
  'without-device': { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  'find-links': { type: 'string' },
  // pip's own flag, accepted so that its habits work: a folder of wheels always means no index.
  'no-index': { type: 'boolean', default: false },
  nodedir: { type: 'string', default: process.env.npm_config_nodedir },
  help: { type: 'boolean', default: false },
}

/** Several gigabytes of CUDA are of no use without a device: what is there already is used, else TensorFlow for the CPU. */
const isUseless = async () => !(await hasDevice()) && !(await located('tensorflow-gpu'))[0]

/** The options, with what they mean on this machine. */
const readOptions = async () => {
  const { values } = parseArgs({ options })
  if (values['no-index'] && !values['find-links']) throw new InstallError('--no-index needs --find-links DIR, a folder of wheels')
  const findLinks = values['find-links'] && path.resolve(values['find-links'])
  const wanted = values.gpu && !values.help && !values['without-device']
  const fallsBack = wanted && (await isUseless())
  return { ...values, findLinks, fallsBack, gpu: values.gpu && !fallsBack }
}

const main = async () => {
  const { help, check, gpu, fallsBack, findLinks, nodedir } = await readOptions()
  if (help) return say(usage)
  if (fallsBack) say('no GPU is used: no NVIDIA device is seen on this machine; going on with TensorFlow for the CPU')
  if (fallsBack && !check) say('(for an image that a machine with one will run: npm run tensorflow:install -- --gpu --without-device)')
  const name = gpu ? 'tfjs-node-gpu' : 'tfjs-node'
  let found = await look(name)
  if (check && !found.report.ok) throw new InstallError(`native TensorFlow does not load: ${found.report.reason}`)
  if (!found.report.ok) {
    if ((await located(gpu ? 'tensorflow-gpu' : 'tensorflow'))[0]) say(`what is installed does not load: ${found.report.reason}`)
    await install(name, { gpu, findLinks, nodedir })
    found = requireWorking(await look(name))
  }
  if (found.note) say(found.note)
  describe(found.report)
}

/** What the system refuses that a person can set right: its message names the folder. */
const advice = {
  EACCES: 'run this as the user who owns that folder',
  EPERM: 'run this as the user who owns that folder',
  EROFS: 'it must be writable',
  ENOSPC: 'make room, some gigabytes',
  EDQUOT: 'make room, some gigabytes',
}

const messageOf = (error) => {
  if (String(error?.code).startsWith('ERR_PARSE_ARGS')) return `${error.message}\n\n${usage}`
  if (error instanceof InstallError) return error.message
  return advice[error?.code] && `${error.message}: ${advice[error.code]}`
}

try {
  await main()
} catch (error) {
  const message = messageOf(error)
  if (!message) throw error
  console.error(message)
  process.exitCode = 1
}
