/** What `npm run bench:load` is told, checked before anything is measured. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { hasSection } from './tables.mjs'

/** An option is wrong; the message says which and what would be right. */
export class OptionError extends Error {
  name = 'OptionError'
}

/** @throws OptionError */
export const readOptions = (args, parts) => {
  const values = parse(args)
  const only = values.only ?? parts
  for (const part of only) if (!parts.includes(part)) throw new OptionError(`--only is "${part}": it must be one of ${parts.join(', ')}`)
  if (values.json !== undefined && !existsSync(dirname(resolve(values.json))))
    throw new OptionError(`--json is "${values.json}": there is no folder for it`)
  if (values.from !== undefined && !existsSync(values.from)) throw new OptionError(`--from is "${values.from}": there is no such file`)
  if (values.write !== undefined && !(existsSync(values.write) && hasSection(readFileSync(values.write, 'utf8'))))
    throw new OptionError(`--write is "${values.write}": it must be a document with <!-- load --> and <!-- end load -->`)
  return { ...values, only }
}

const parse = (args) => {
  try {
    return parseArgs({
      args,
      options: {
        small: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true },
        json: { type: 'string' },
        from: { type: 'string' },
        write: { type: 'string' },
        python: { type: 'string', default: 'python3' },
      },
    }).values
  } catch (error) {
    throw new OptionError(error.message)
  }
}
