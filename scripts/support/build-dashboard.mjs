/** The page at /: bundled, named by content, compressed once, so that a server only has to read it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { readContractDefaults } from './contract-defaults.mjs'
import { readJobForm } from './job-form.mjs'
import { root } from './steps.mjs'

const source = join(root, 'src/dashboard')
const target = join(root, 'dist/dashboard')

/** Builds src/dashboard into dist/dashboard. Resolves to what `run` does: an exit code and what there is to say. */
export const buildDashboard = async () => {
  const { build } = await import('esbuild')
  const folder = `${target}.new`
  try {
    rmSync(folder, { recursive: true, force: true })
    const options = {
      outdir: join(folder, 'assets'),
      absWorkingDir: root,
      bundle: true,
      target: 'es2022',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      minify: true,
      legalComments: 'none',
      entryNames: '[name]-[hash]',
      chunkNames: '[name]-[hash]',
      metafile: true,
      logLevel: 'silent',
      tsconfig: join(source, 'tsconfig.json'),
      define: { __CONTRACT_DEFAULTS__: JSON.stringify(readContractDefaults()), __JOB_FORM__: JSON.stringify(readJobForm()) },
    }
    const page = await build({ ...options, entryPoints: [join(source, 'main.tsx')], format: 'esm', splitting: true })
    // Runs before anything is drawn, so it is no module.
    const rest = await build({
      ...options,
      entryPoints: [join(source, 'theme.ts'), join(source, 'icon.svg')],
      format: 'iife',
      loader: { '.svg': 'copy' },
    })
    writeFileSync(join(folder, 'index.html'), writeIndex({ ...page.metafile.outputs, ...rest.metafile.outputs }))
    compress(folder)
    rmSync(target, { recursive: true, force: true })
    mkdirSync(join(root, 'dist'), { recursive: true })
    renameSync(folder, target)
    return { code: 0, output: '' }
  } catch (error) {
    return { code: 1, output: error.message }
  }
}

/** index.html with the names that the files got; what the first view needs is named in it, so that all of it is asked for at once. */
const writeIndex = (outputs) => {
  const of = (entry) => Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === `src/dashboard/${entry}`) ?? []
  const address = (path) => `/assets/${basename(path)}`
  const [main, { cssBundle, imports }] = of('main.tsx')
  const icon = Object.keys(outputs).find((path) => /\/icon-[^/]+\.svg$/.test(path))
  const chunks = imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => path)
  const tags = [
    `<link rel="icon" href="${address(icon)}" type="image/svg+xml" />`,
    `<link rel="stylesheet" href="${address(cssBundle)}" />`,
    `<script src="${address(of('theme.ts')[0])}"></script>`,
    ...chunks.map((path) => `<link rel="modulepreload" href="${address(path)}" />`),
    `<script type="module" src="${address(main)}"></script>`,
  ]
  return readFileSync(join(source, 'index.html'), 'utf8').replace('<!-- files -->', tags.join('\n    '))
}

/** Lays a compressed copy beside each file that gains by it. */
const compress = (folder) => {
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!/\.(html|js|css|svg)$/.test(name) || !existsSync(join(folder, name))) continue
    const bytes = readFileSync(join(folder, name))
    const copies = {
      br: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }),
      gz: gzipSync(bytes, { level: 9 }),
    }
    for (const [ending, copy] of Object.entries(copies))
      if (copy.length < bytes.length) writeFileSync(join(folder, `${name}.${ending}`), copy)
  }
}
