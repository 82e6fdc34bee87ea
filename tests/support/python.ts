/** One environment of Python packages for all tests that need some. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cache = resolve(import.meta.dirname, '../../.cache')

/** What the client needs, what it uses if it is there, what builds it, what runs a notebook, the generator of clients, and what tries the contract. */
const requirements = [
  'httpx==0.28.1',
  'tqdm',
  'numpy',
  'pandas',
  'pyarrow',
  'hatchling',
  'nbclient',
  'ipykernel',
  'openapi-python-client==0.29.1',
  'schemathesis==4.32.5',
]

/** The path of its Python, or why there is none, in words for a skipped test. Made once for each Python and each list of packages. */
export const openPython = async (): Promise<{ python: string } | { reason: string }> => {
  try {
    const { stdout: version } = await run('python3', ['-c', 'import sys; print(sys.version, sys.base_prefix)'])
    const key = createHash('sha256')
      .update([version, ...requirements].join('\n'))
      .digest('hex')
      .slice(0, 12)
    const folder = join(cache, `python-${key}`)
    if (!existsSync(folder)) await make(folder)
    return { python: join(folder, 'bin/python') }
  } catch (error) {
    return { reason: whyNoPython(error as Error) }
  }
}

export const whyNoPython = ({ message, stderr = '' }: Error & { stderr?: string }): string =>
  `python3 with pip and a package registry is needed: ${(stderr || message).slice(-300)}`

/** Runs the machine's pip for another Python, which then needs none of its own. */
export const pip = (python: string, args: readonly string[]) =>
  run('python3', ['-m', 'pip', '--disable-pip-version-check', '--python', python, ...args])

/** Under another name until it is whole; of two that are made at once the first stays. */
const make = async (folder: string): Promise<void> => {
  await mkdir(cache, { recursive: true })
  const unfinished = await mkdtemp(`${folder}-`)
  try {
    // Without pip, which takes seconds, and which Debian's python3 cannot give it.
    await run('python3', ['-m', 'venv', '--without-pip', unfinished])
    const options = ['--quiet', '--no-compile', '--retries', '1', '--timeout', '20']
    await pip(join(unfinished, 'bin/python'), ['install', ...options, ...requirements])
    await rename(unfinished, folder).catch((error) => {
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}
