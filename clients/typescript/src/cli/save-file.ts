/** A file of the service, written where the command says. */
import { createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

type Sent = { name: string; chunks: AsyncIterable<Uint8Array> }

/** Writes to `output`, or under the name that the service gives it, and says where; undefined for `-`, standard output. */
export const saveFile = async ({ name, chunks }: Sent, output: string | undefined): Promise<string | undefined> => {
  if (output === '-') {
    await pipeline(Readable.from(chunks), process.stdout, { end: false })
    return undefined
  }
  const path = output ?? name
  // Under its name only once it is whole.
  await pipeline(Readable.from(chunks), createWriteStream(`${path}.part`))
  await rename(`${path}.part`, path)
  return path
}
