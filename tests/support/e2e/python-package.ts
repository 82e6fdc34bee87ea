/** The package in clients/python as its users get it: built as a wheel and installed, with what it may use beside it. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPython, pip, whyNoPython } from '../python.ts'
import { run } from './client-package.ts'
import { root } from './product.ts'

export type PythonProject = {
  python: string
  /** Where the wheel is installed, for `PYTHONPATH`. */
  packages: string
  /** The packages of that Python, for another that has PyTorch. */
  sitePackages: string
  remove: () => Promise<void>
}

/** The project, or why there is none, in words for a skipped test. */
export const installPythonClient = async (): Promise<PythonProject | { reason: string }> => {
  const opened = await openPython()
  if ('reason' in opened) return opened
  const { python } = opened
  const packages = await mkdtemp(join(tmpdir(), 'trainyard-python-'))
  const remove = () => rm(packages, { recursive: true, force: true })
  try {
    const wheel = ['wheel', '--quiet', '--no-deps', '--no-build-isolation', '--wheel-dir', packages, join(root, 'clients/python')]
    await pip(python, wheel)
    const [file = ''] = await readdir(packages)
    await pip(python, ['install', '--quiet', '--no-deps', '--no-compile', '--target', packages, join(packages, file)])
    const { stdout } = await run(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'])
    return { python, packages, sitePackages: stdout.trim(), remove }
  } catch (error) {
    await remove()
    return { reason: whyNoPython(error as Error) }
  }
}

/** A Python with PyTorch: that of BENCH_PYTHON, `python3` unless set; undefined if it has none. */
export const findTorchPython = async (): Promise<string | undefined> => {
  const python = process.env.BENCH_PYTHON || 'python3'
  const found = await run(python, ['-c', 'import importlib.util as u; print(u.find_spec("torch") is not None)']).catch(() => undefined)
  return found?.stdout.trim() === 'True' ? python : undefined
}
