#!/usr/bin/env node
/** The command line. It is built, so a clone without a build has none yet. */
try {
  const { main } = await import('../dist/cli.js')
  await main(process.argv)
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
  process.stderr.write('The command line is not built: run `npm ci && npm run build` in the folder of the repository.\n')
  process.exitCode = 1
}
