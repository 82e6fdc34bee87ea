import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { putInPlace, root, stagingFor, tensorflowVersion } from './places.mjs'
import { InstallError, lastLines, run } from './shell.mjs'

/** Of 13,000 headers the binding includes fifteen, all under these folders. */
const tensorflowFiles = [
  'tensorflow/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2',
  'tensorflow/include/tensorflow/c/*.h',
  'tensorflow/include/tensorflow/core/platform/ctstring*.h',
  'tensorflow/include/tsl/platform/ctstring*.h',
  'tensorflow/include/xla/tsl/c/*.h',
]

/** TensorFlow looks for CUDA in `../nvidia/{part}/lib` beside its own folder, and for ptxas and libdevice in cuda_nvcc. */
const cudaFiles = ['nvidia/*/lib/*', 'nvidia/cuda_nvcc/*']

/** Pythons to ask for in pip's name when its own has no wheel; what is taken from a wheel is the same in all. */
const otherPythons = ['3.13', '3.12', '3.11', '3.10']

const platforms = { x64: 'x86_64', arm64: 'aarch64' }

/** The wheel that has TensorFlow for this machine. */
export const distributionFor = (gpu) => (gpu || process.arch === 'arm64' ? 'tensorflow' : 'tensorflow-cpu')

/** What lists the files of a finished folder, each with the hash that its wheel's RECORD has. */
const manifestName = 'complete.json'

/**
 * Puts TensorFlow's libraries and headers (and CUDA's libraries, for `gpu`) into `target` from Python wheels: pip checks
 * what it downloads against the index, every unpacked file is checked against its wheel's RECORD, and `target` appears
 * whole or not at all. Where it is there, its files are checked again, and nothing else is done.
 * @param {{ target: string, gpu: boolean, findLinks?: string, say: (line: string) => void }} options
 * @throws {InstallError}
 */
export const installLibraries = async ({ target, gpu, findLinks, say }) => {
  const state = await stateOf(target)
  if (state === 'whole') return say(`TensorFlow's libraries are in ${target}`)
  if (state !== 'missing') say(`${path.join(target, state)} is damaged: TensorFlow's libraries are fetched again`)
  const python = await findPython()
  const staging = stagingFor(target)
  try {
    const requirement = `${distributionFor(gpu)}==${tensorflowVersion}`
    const wheels = path.join(staging, 'wheels')
    say(findLinks ? `taking ${requirement} from ${findLinks}` : `downloading ${requirement} with pip, some ${gpu ? 600 : 300} MB`)
    await download(python, [requirement], wheels, { findLinks })
    const [wheel] = await wheelsIn(wheels)
    say(`unpacking ${path.basename(wheel)}`)
    const { requires, files } = await unpack(python, wheel, staging, tensorflowFiles)
    await rm(wheels, { recursive: true })
    if (gpu) {
      const requirements = cudaRequirements(requires)
      say(`${findLinks ? 'taking CUDA' : 'downloading CUDA, some gigabytes'}: ${requirements.join(', ')}`)
      await download(python, requirements, wheels, { findLinks })
      for (const each of await wheelsIn(wheels)) Object.assign(files, (await unpack(python, each, staging, cudaFiles)).files)
      await rm(wheels, { recursive: true })
    }
    await writeFile(path.join(staging, manifestName), JSON.stringify({ wheel: path.basename(wheel), at: new Date().toISOString(), files }))
    await putInPlace(staging, target)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

const findPython = async () => {
  for (const python of ['python3', 'python']) {
    if ((await run(python, ['-m', 'pip', '--version'])).code === 0) return python
  }
  const python = (await run('python3', ['--version'])).code === 0
  throw new InstallError(
    `TensorFlow's library comes in a Python wheel, and ${python ? 'Python has no pip' : 'there is no Python 3'}: install it, e.g. apt-get install ${python ? '' : 'python3 '}python3-pip`,
  )
}

const download = async (python, requirements, directory, { findLinks }) => {
  const source = findLinks ? ['--no-index', '--find-links', findLinks] : []
  const machine = platforms[process.arch]
  const own = ['-m', 'pip', 'download', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:', '-d', directory, ...source]
  const other = (version) => [
    '--python-version',
    version,
    '--implementation',
    'cp',
    ...[17, 27, 28].flatMap((libc) => ['--platform', `manylinux_2_${libc}_${machine}`]),
    '--platform',
    `manylinux2014_${machine}`,
  ]
  const attempts = [[], ...otherPythons.map(other)]
  const failures = []
  for (const extra of attempts) {
    const outcome = await run(python, [...own, ...extra, ...requirements], { limit: 30 * 60_000 })
    if (outcome.code === 0) return
    failures.push(outcome.timedOut ? 'pip did not finish within 30 minutes' : lastLines(outcome.output, 3))
    // Only a missing wheel is worth asking for in another Python's name.
    if (!/No matching distribution/.test(outcome.output)) break
  }
  throw new InstallError(`pip could not get ${requirements.join(' ')}:\n${failures[0]}`)
}

const unpack = async (python, wheel, target, patterns) => {
  const outcome = await run(python, [path.join(root, 'scripts', 'tensorflow', 'unpack_wheel.py'), wheel, target, ...patterns])
  if (outcome.code !== 0) throw new InstallError(`${path.basename(wheel)} could not be unpacked: ${lastLines(outcome.output, 2)}`)
  return JSON.parse(outcome.stdout)
}

const wheelsIn = async (directory) =>
  (await readdir(directory)).filter((name) => name.endsWith('.whl')).map((name) => path.join(directory, name))

/** `nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"` → `nvidia-cublas-cu12<13.0,>=12.5.3.2` */
const cudaRequirements = (requires) => requires.filter((line) => /extra == .and-cuda./.test(line)).map((line) => line.split(';')[0].trim())

/**
 * Reads every file that a finished folder lists: a disk that ran full or a cache that was cleaned by halves shows here.
 * @returns {Promise<'whole' | 'missing' | string>} or the name of a file that is not what it was
 */
const stateOf = async (target) => {
  let files
  try {
    files = JSON.parse(await readFile(path.join(target, manifestName), 'utf8')).files
  } catch {
    return 'missing'
  }
  if (!files) return 'missing'
  for (const [name, expected] of Object.entries(files)) {
    const [, algorithm, digest] = /^(\w+)=(.*)$/.exec(expected)
    try {
      const hash = createHash(algorithm)
      await pipeline(createReadStream(path.join(target, name)), hash)
      if (hash.digest('base64url') !== digest) return name
    } catch {
      return name
    }
  }
  return 'whole'
}
