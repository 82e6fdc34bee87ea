/** The package in clients/typescript as its users get it: packed, and installed into a project that has nothing else. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './product.ts'

export const run = promisify(execFile)

export type ClientProject = { folder: string; entry: string; remove: () => Promise<void> }

/** Without a registry, so the package must need no other. */
export const installClient = async (): Promise<ClientProject> => {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-client-'))
  const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: join(root, 'clients/typescript') })
  const [{ filename }] = JSON.parse(packed.stdout)
  await writeFile(join(folder, 'package.json'), '{"name": "empty", "private": true, "type": "module"}')
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${filename}`], { cwd: folder })
  return {
    folder,
    entry: join(folder, 'node_modules/trainyard/dist/index.js'),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Lets so many bytes through, then fails as a connection that breaks. */
export const breakingAfter = (bytes: number) => {
  let left = bytes
  return new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      controller.enqueue(chunk.subarray(0, left))
      left -= chunk.byteLength
      if (left <= 0) controller.error(new TypeError('terminated'))
    },
  })
}
