/** The package in clients/python as its users get it: built as a wheel and installed, with what it may use beside it. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './client-package.ts'
import { cleanEnvironment, root } from './product.ts'

/** What the client needs, what it uses if it is there, what builds it, and what runs a notebook. */
const requirements = ['httpx==0.28.1', 'tqdm', 'numpy', 'pandas', 'pyarrow', 'hatchling', 'nbclient', 'ipykernel']

export type PythonProject = {
  /** A Python that has the client and all of the above, and not the environment's own packages. */
  python: string
  /** Where the wheel is unpacked, for `PYTHONPATH`. */
  packages: string
  /** Packages of that Python, for another that has PyTorch. */
  sitePackages: string
  remove: () => Promise<void>
}

/** Why there is none, in words for a skipped test, or the project. */
export const installPythonClient = async (): Promise<PythonProject | { reason: string }> => {
  try {
    const environment = await openEnvironment()
    const python = join(environment, 'bin/python')
    const packages = await mkdtemp(join(tmpdir(), 'trainyard-python-'))
    const wheel = ['wheel', '--quiet', '--no-deps', '--no-build-isolation', '--wheel-dir', packages, join(root, 'clients/python')]
    await pip(python, wheel)
    const [file = ''] = await readdir(packages)
    await pip(python, ['install', '--quiet', '--no-deps', '--no-compile', '--target', packages, join(packages, file)])
    const { stdout } = await run(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'])
    return { python, packages, sitePackages: stdout.trim(), remove: () => rm(packages, { recursive: true, force: true }) }
  } catch (error) {
    const { message, stderr = '' } = error as Error & { stderr?: string }
    return { reason: `python3 with pip and a package registry is needed: ${(stderr || message).slice(-300)}` }
  }
}

/** A Python with PyTorch: that of BENCH_PYTHON, `python3` unless set; undefined if it has none. */
export const findTorchPython = async (): Promise<string | undefined> => {
  const python = process.env.BENCH_PYTHON || 'python3'
  const found = await run(python, ['-c', 'import importlib.util as u; print(u.find_spec("torch") is not None)']).catch(() => undefined)
  return found?.stdout.trim() === 'True' ? python : undefined
}

/** Made once for all runs with the same Python and the same requirements. */
const openEnvironment = async (): Promise<string> => {
  const { stdout: version } = await run('python3', ['-c', 'import sys; print(sys.version, sys.base_prefix)'])
  const key = createHash('sha256')
    .update([version, ...requirements].join('\n'))
    .digest('hex')
    .slice(0, 12)
  const folder = join(root, '.cache', `python-${key}`)
  const isWhole = join(folder, 'whole')
  if (existsSync(isWhole)) return folder
  await rm(folder, { recursive: true, force: true })
  // Without pip of its own, which takes seconds, and which Debian's python3 cannot give it.
  await run('python3', ['-m', 'venv', '--without-pip', folder])
  const network = ['--retries', '1', '--timeout', '20']
  await pip(join(folder, 'bin/python'), ['install', '--quiet', '--no-compile', ...network, ...requirements])
  await writeFile(isWhole, '')
  return folder
}

const pip = (python: string, args: string[]) =>
  run('python3', ['-m', 'pip', '--disable-pip-version-check', '--python', python, ...args], { env: cleanEnvironment({}) })
