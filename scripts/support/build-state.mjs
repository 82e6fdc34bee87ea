/** Is dist what the sources say: by content, since checking out a branch or copying a folder changes times. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isClientBuilt } from './build-client.mjs'
import { root } from './steps.mjs'

const scripts = [
  'build-client',
  'build-dashboard',
  'bundle-entries',
  'bundle-packages',
  'contract-defaults',
  'contract-types',
  'job-form',
  'transpile',
]
const inputs = [
  ...['src', 'workers', 'bench', 'clients/typescript', 'examples', 'openapi.json', 'prisma/schema.prisma'],
  ...['tsconfig.json', 'package-lock.json', 'scripts/build.mjs', ...scripts.map((name) => `scripts/support/${name}.mjs`)],
]
const stamp = join(root, 'dist/.inputs')

/** True if the build is there and made of these sources; a folder that carries no sources has nothing to compare. */
export const isBuilt = () => {
  if (!existsSync(join(root, 'src'))) return existsSync(join(root, 'dist/src'))
  return (
    isClientBuilt() &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === fingerprint() &&
    existsSync(join(root, 'src/generated/prisma/client.ts'))
  )
}

/** Remembers which sources the build was made of. Taken before building, so that an edit in between makes it stale. */
export const takeFingerprint = () => fingerprint()

export const markBuilt = (taken) => writeFileSync(stamp, taken)

const filesUnder = (path) => {
  if (!existsSync(join(root, path))) return []
  try {
    return readdirSync(join(root, path), { withFileTypes: true })
      .filter((entry) => !['generated', 'dist', 'dist.new'].includes(entry.name))
      .flatMap((entry) => filesUnder(`${path}/${entry.name}`))
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path]
    throw error
  }
}

const fingerprint = () => {
  const hash = createHash('sha256')
  for (const path of inputs.flatMap(filesUnder).sort()) hash.update(`${path}\n`).update(readFileSync(join(root, path)))
  return hash.digest('hex')
}
