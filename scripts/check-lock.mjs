#!/usr/bin/env node
/**
 * package-lock.json names the optional packages of every platform. A registry that mirrors only some platforms makes npm
 * leave the others out without a word, and `npm ci` then refuses the file everywhere. `--fix` writes the missing entries,
 * without a checksum, since their content could not be seen.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

const file = resolve(import.meta.dirname, '../package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8'))

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'x64', 'ppc64', 'riscv64', 's390x']

/** What a package for one platform says about itself, by its name: `@oxlint/binding-linux-x64-musl`. */
const platformOf = (name) => {
  const words = name.split(/[/-]/)
  const libc = words.some((word) => /^musl/.test(word)) ? 'musl' : words.some((word) => /^gnu/.test(word)) ? 'glibc' : undefined
  return {
    os: systems.filter((system) => words.includes(system)),
    cpu: processors.filter((processor) => words.includes(processor)),
    ...(libc ? { libc: [libc] } : {}),
  }
}

/** Where npm would put a package that `parent` wants: any level above it that has the name counts. */
const isLocked = (parent, name) => {
  for (let at = parent; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (lock.packages[`${at ? `${at}/` : ''}node_modules/${name}`]) return true
    if (!at) return false
  }
}

const missing = Object.entries(lock.packages).flatMap(([parent, { optionalDependencies = {}, dev }]) =>
  Object.entries(optionalDependencies)
    .filter(([name]) => !isLocked(parent, name))
    .map(([name, version]) => ({ name, version, dev })),
)

if (missing.length > 0 && process.argv.includes('--fix')) {
  for (const { name, version, dev } of missing)
    lock.packages[`node_modules/${name}`] = { version, ...platformOf(name), ...(dev ? { dev } : {}), license: 'MIT', optional: true }
  const [root, ...others] = Object.entries(lock.packages)
  lock.packages = Object.fromEntries([root, ...others.sort(([a], [b]) => a.localeCompare(b, 'en'))])
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`${missing.length} entries were added`)
} else if (missing.length > 0) {
  console.error(`package-lock.json lacks packages of other platforms; \`node scripts/check-lock.mjs --fix\` adds them:`)
  for (const { name, version } of missing) console.error(`  ${name}@${version}`)
  process.exit(1)
}
