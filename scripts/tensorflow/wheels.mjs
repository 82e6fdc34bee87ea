import { existsSync } from 'node:fs'
import { chmod, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { root, stagingFor, tensorflowVersion } from './places.mjs'
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
 * Puts TensorFlow's libraries and headers (and CUDA's libraries, for `gpu`) into `target` from Python wheels: pip checks
 * what it downloads against the index, every unpacked file is checked against its wheel's RECORD, and `target` appears
 * whole or not at all. Does nothing where it is there.
 * @param {{ target: string, gpu: boolean, findLinks?: string, say: (line: string) => void }} options
 * @throws {InstallError}
 */
export const installLibraries = async ({ target, gpu, findLinks, say }) => {
  if (existsSync(path.join(target, 'complete.json'))) return say(`TensorFlow's libraries are in ${target}`)
  const python = await findPython()
  const staging = stagingFor(target)
  try {
    const requirement = `${distributionFor(gpu)}==${tensorflowVersion}`
    const wheels = path.join(staging, 'wheels')
    say(findLinks ? `taking ${requirement} from ${findLinks}` : `downloading ${requirement} with pip`)
    await download(python, [requirement], wheels, { findLinks })
    const [wheel] = await wheelsIn(wheels)
    say(`unpacking ${path.basename(wheel)}`)
    const { requires } = await unpack(python, wheel, staging, tensorflowFiles)
    await rm(wheels, { recursive: true })
    if (gpu) {
      const requirements = cudaRequirements(requires)
      say(`${findLinks ? 'taking' : 'downloading'} CUDA: ${requirements.join(', ')}`)
      await download(python, requirements, wheels, { findLinks })
      for (const each of await wheelsIn(wheels)) await unpack(python, each, staging, cudaFiles)
      await rm(wheels, { recursive: true })
    }
    await writeFile(path.join(staging, 'complete.json'), JSON.stringify({ wheel: path.basename(wheel), at: new Date().toISOString() }))
    await rm(target, { recursive: true, force: true })
    await chmod(staging, 0o755)
    await rename(staging, target)
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    throw error
  }
}
