/** Where the files beside the code lie (migrations, node_modules), the same from the sources and from the build. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The nearest folder above `from` that holds a package.json. */
export const findPackageRoot = (from: string = import.meta.dirname): string => {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
    if (folder === dirname(folder)) throw new Error(`no package.json above ${from}`)
  }
}
