/** Runs `tests/NAME/main.ts` from its sources against the built product. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { isBuilt } from './build-state.mjs'
import { findMissingPackage } from './install-state.mjs'
import { findRedisProgram, provideRedisProgram } from './redis-server.mjs'
import { fail, requireNode, root, withProgress } from './steps.mjs'

export const runLongTest = async (name) => {
  requireNode()
  if (findMissingPackage({ withDevelopment: true })) fail('The packages are missing or out of date: run `npm ci` and then `npm run build`.')
  if (!isBuilt()) fail('There is no build of these sources: run `npm run build`.')
  if (!findRedisProgram()) await withProgress('unpacking a Redis for the tests', provideRedisProgram).catch((error) => fail(error.message))
  const main = join(root, 'tests', name, 'main.ts')
  const runner = spawn(process.execPath, ['--import', 'tsx', main, ...process.argv.slice(2)], { stdio: 'inherit', cwd: root })
  // A Ctrl-C reaches the runner by itself, which clears away what it started; this process waits for it.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => runner.kill('SIGTERM'))
  process.exitCode = await new Promise((done) => runner.on('exit', (code) => done(code ?? 1)))
}
