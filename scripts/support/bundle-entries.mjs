/**
 * The processes of the service as one file each in dist, in the place of their entries: reading and linking a thousand modules and more takes longer
 * than running them. Everything else in dist stays a file for a source, which tests, benchmarks and threads import.
 */
import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { root } from './steps.mjs'

const entries = [
  'src/server',
  'src/supervise',
  'workers/worker',
  ...['training/training', 'inference/inference', 'predictions/prediction', 'trainers/trainer'].map((name) => `workers/${name}.child`),
]

/**
 * Found in node_modules at run time: TensorFlow.js, since its native package has to find the same one, Prisma's compiler of queries, which is
 * megabytes that a process loads when it needs it first, and pages that few ask for.
 */
const external = ['@tensorflow/*', '*.wasm-base64.mjs', '@scalar/fastify-api-reference']

/** Packages that are not ES modules ask for Node's own by `require`. */
const requireInModule = `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`

/** Bundles them. Resolves to what `run` does: an exit code and what there is to say. */
export const bundleEntries = async () => {
  const { build } = await import('esbuild')
  const options = { bundle: true, format: 'esm', platform: 'node', target: 'es2023', charset: 'utf8', logLevel: 'silent' }
  const maps = { sourcemap: 'linked', sourcesContent: false }
  const bundle = (entry) =>
    build({
      ...options,
      ...maps,
      absWorkingDir: root,
      entryPoints: [`${entry}.ts`],
      outfile: join(root, 'dist', `${entry}.js`),
      external,
      banner: { js: requireInModule },
      plugins: [keepPlaces(dirname(entry))],
    })
  try {
    await Promise.all(entries.map(bundle))
    return { code: 0, output: '' }
  } catch (error) {
    return { code: 1, output: error.message }
  }
}

/** Has a source that looks for its neighbours find them where its own file lies, and not beside the bundle in `folder`. */
const keepPlaces = (folder) => ({
  name: 'keep-places',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const place = (file) => `new URL(${JSON.stringify(relative(join(root, folder), file).replaceAll('\\', '/'))}, import.meta.url)`
      const own = path.replace(/\.ts$/, '.js')
      const places = {
        url: `${place(own)}.href`,
        filename: `decodeURIComponent(${place(own)}.pathname)`,
        // Of the file: an address of the folder itself ends with a slash, and that of the bundle's own folder is no address at all.
        dirname: `decodeURIComponent(${place(own)}.pathname).replace(/\\/[^/]*$/, '')`,
      }
      const text = await readFile(path, 'utf8')
      return { contents: text.replaceAll(/\bimport\.meta\.(url|filename|dirname)\b/g, (_all, name) => places[name]), loader: 'ts' }
    })
  },
})
