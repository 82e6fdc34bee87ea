/** The package in clients/typescript: its types, and its code as one file without a dependency. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeContractTypes } from './contract-types.mjs'
import { root, run } from './steps.mjs'

const folder = join(root, 'clients/typescript')
const target = join(folder, 'dist')
const contract = 'generated/api.d.ts'

/** True if the client is built, or is not part of this tree, as in an image of the service alone. */
export const isClientBuilt = () => !existsSync(folder) || ['index.js', 'cli.js'].every((file) => existsSync(join(target, file)))

/** Builds clients/typescript/dist. Resolves to what `run` does: an exit code and what there is to say. */
export const buildClient = async () => {
  if (!existsSync(folder)) return { code: 0, output: '' }
  const made = `${target}.new`
  rmSync(made, { recursive: true, force: true })
  try {
    await writeContractTypes(`clients/typescript/src/${contract}`)
    const [types] = await Promise.all([declare(made), bundle(made)])
    if (types.code !== 0) return types
    rmSync(target, { recursive: true, force: true })
    renameSync(made, target)
    return types
  } catch (error) {
    return { code: 1, output: error.message }
  }
}

/** The library without a dependency, and the command line with the packages that it uses in it. */
const bundle = async (made) => {
  const { build } = await import('esbuild')
  const options = { absWorkingDir: root, bundle: true, format: 'esm', target: 'es2022', logLevel: 'silent' }
  await build({ ...options, entryPoints: [join(folder, 'src/index.ts')], platform: 'neutral', outfile: join(made, 'index.js') })
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const { metafile } = await build({
    ...options,
    entryPoints: [join(folder, 'src/cli/main.ts')],
    platform: 'node',
    outfile: join(made, 'cli.js'),
    define: { __VERSION__: JSON.stringify(version) },
    // Packages of CommonJS ask for Node's modules in their own way.
    banner: { js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)" },
    metafile: true,
  })
  writeFileSync(join(made, 'third-party-licenses.txt'), licensesOf(Object.keys(metafile.inputs)))
}

/** The licenses of the packages that are part of the bundle. */
const licensesOf = (inputs) => {
  const packages = new Set(inputs.flatMap((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []))
  return [...packages].sort().map(licenseOf).join('\n')
}

const licenseOf = (name) => {
  const from = join(root, 'node_modules', name)
  const { version, license, repository } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
  const file = readdirSync(from).find((entry) => /^licen[cs]e/i.test(entry))
  return `${name} ${version}, ${license}, ${repository?.url ?? repository}\n\n${file ? readFileSync(join(from, file), 'utf8') : ''}\n`
}

const declare = async (made) => {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const ended = await run(process.execPath, [compiler, '-p', join(folder, 'tsconfig.build.json'), '--outDir', made], { quiet: true })
  if (ended.code !== 0) return ended
  mkdirSync(join(made, 'generated'), { recursive: true })
  copyFileSync(join(folder, 'src', contract), join(made, contract))
  for (const path of readdirSync(made, { recursive: true })) if (path.endsWith('.d.ts')) nameOutputs(join(made, path))
  return ended
}

/** The compiler leaves `.ts` in the imports of declarations, where there are none any more. */
const nameOutputs = (file) => {
  const before = readFileSync(file, 'utf8')
  const after = before.replaceAll(/(from '\.{1,2}\/[^']*?)(?:\.d)?\.ts'/g, "$1.js'")
  if (after !== before) writeFileSync(file, after)
}
