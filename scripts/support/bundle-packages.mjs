/**
 * Packages of hundreds of small modules, as one file each in dist: every process of the service would load them one by one, which takes
 * TypeBox 200 ms of CPU time and its bundle 15.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from './steps.mjs'

const bundled = ['typebox']

/** Bundles them, and makes what was compiled import the bundles. */
export const bundlePackages = async () => {
  const { build } = await import('esbuild')
  const dist = join(root, 'dist')
  for (const name of bundled) {
    const bundle = join(dist, 'packages', `${name}.js`)
    try {
      await build({
        entryPoints: [join(root, 'node_modules', name)],
        bundle: true,
        format: 'esm',
        platform: 'node',
        outfile: bundle,
        logLevel: 'silent',
      })
    } catch (error) {
      return { code: 1, output: error.message }
    }
    for (const folder of ['src', 'workers', 'bench']) importBundle(join(dist, folder), name, bundle)
  }
  return { code: 0, output: '' }
}

const importBundle = (folder, name, bundle) => {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.js')) continue
    const file = join(entry.parentPath ?? entry.path, entry.name)
    const before = readFileSync(file, 'utf8')
    const path = relative(dirname(file), bundle).replaceAll('\\', '/')
    const after = before.replaceAll(`from '${name}';`, `from '${path.startsWith('.') ? path : `./${path}`}';`)
    if (after !== before) writeFileSync(file, after)
  }
}
