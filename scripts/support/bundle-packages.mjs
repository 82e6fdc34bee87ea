/**
 * Packages of hundreds of small modules, as one file each in dist: every process of the service would load them one by one, which takes
 * TypeBox 200 ms of CPU time and its bundle 15.
 */
import { dirname, join, relative } from 'node:path'
import { root } from './steps.mjs'

const bundled = ['typebox']
const bundleOf = (name) => `packages/${name}.js`

/** Bundles them. Resolves to what `run` does: an exit code and what there is to say. */
export const bundlePackages = async () => {
  const { build } = await import('esbuild')
  const options = { bundle: true, format: 'esm', platform: 'node', logLevel: 'silent' }
  try {
    for (const name of bundled)
      await build({ ...options, entryPoints: [join(root, 'node_modules', name)], outfile: join(root, 'dist', bundleOf(name)) })
    return { code: 0, output: '' }
  } catch (error) {
    return { code: 1, output: error.message }
  }
}

/** The text of a module, by its path from the root, that imports the bundles instead. */
export const importBundles = (text, path) =>
  bundled.reduce((changed, name) => {
    const bundle = relative(dirname(path), bundleOf(name)).replaceAll('\\', '/')
    return changed.replaceAll(`from "${name}";`, `from "${bundle}";`)
  }, text)
