#!/usr/bin/env node
// Some registries carry only a few platforms' builds of a package. npm then leaves the others out of package-lock.json,
// and `npm ci` refuses the result ("Missing: … from lock file"). This adds what is missing: an optional entry with the
// platform that its name says, which is never fetched on another platform.
//   node scripts/lockfile.mjs           completes the lock file
//   node scripts/lockfile.mjs --check   exits 1 where something is missing
import { readFileSync, writeFileSync } from 'node:fs'

const systems = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'aix', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64']

/** The platform in a name such as `@scope/binding-linux-arm64-musl`. */
const platformOf = (name) => {
  const parts = name.split(/[/-]/)
  const os = systems.find((system) => parts.includes(system))
  const cpu = processors.find((processor) => parts.includes(processor))
  const libc = parts.some((part) => part.startsWith('musl'))
    ? ['musl']
    : parts.some((part) => part.startsWith('gnu'))
      ? ['glibc']
      : undefined
  return os && { os: [os], ...(cpu && { cpu: [cpu] }), ...(os === 'linux' && libc && { libc }) }
}

const missingEntries = (packages) =>
  Object.entries(packages).flatMap(([, entry]) =>
    Object.entries(entry.optionalDependencies ?? {}).flatMap(([name, range]) => {
      const platform = platformOf(name)
      const version = range.replace(/^[~^]/, '')
      const present = Object.keys(packages).some((place) => place.endsWith(`node_modules/${name}`))
      if (present || !platform) return []
      return [
        [
          `node_modules/${name}`,
          {
            version,
            ...(platform.cpu && { cpu: platform.cpu }),
            ...(entry.dev && { dev: true }),
            ...(platform.libc && { libc: platform.libc }),
            optional: true,
            os: platform.os,
          },
        ],
      ]
    }),
  )

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))
const missing = missingEntries(lock.packages)
if (process.argv.includes('--check')) {
  if (missing.length > 0)
    console.error(`package-lock.json lacks ${missing.length} platforms' packages, e.g. ${missing[0][0]}: run \`node scripts/lockfile.mjs\``)
  process.exit(missing.length > 0 ? 1 : 0)
}
const [root, ...rest] = Object.entries({ ...lock.packages, ...Object.fromEntries(missing) })
lock.packages = Object.fromEntries([root, ...rest.sort(([a], [b]) => a.localeCompare(b, 'en'))])
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${missing.length} entries added to package-lock.json`)
