/** The files of the page at /, as the build left them: read once at the start, so that no path of a client reaches the file system. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { entityTag } from './entity-tags.ts'

export type DashboardFile = {
  type: string
  /** Without quotes; of the plain bytes. */
  etag: string
  /** The bytes as they are, and compressed if that makes them shorter. */
  bytes: { identity: Buffer; br?: Buffer; gzip?: Buffer }
}

export type DashboardFiles = { index: DashboardFile; assets: ReadonlyMap<string, DashboardFile> }

/** The page in a folder, its assets by name; undefined if none was built there. */
export const readDashboard = (folder: string): DashboardFiles | undefined => {
  if (!existsSync(join(folder, 'index.html'))) return undefined
  const assets = readdirSync(join(folder, 'assets')).filter((name) => extname(name) in types)
  return {
    index: readFile(join(folder, 'index.html')),
    assets: new Map(assets.map((name) => [name, readFile(join(folder, 'assets', name))])),
  }
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
}

const readFile = (path: string): DashboardFile => {
  const identity = readFileSync(path)
  const compressed = (ending: string): Buffer | undefined => (existsSync(path + ending) ? readFileSync(path + ending) : undefined)
  return {
    type: types[extname(path)] ?? 'application/octet-stream',
    etag: entityTag(identity.toString('latin1')),
    bytes: { identity, br: compressed('.br'), gzip: compressed('.gz') },
  }
}
