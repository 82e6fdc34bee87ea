/** What a command reads: a file, or standard input for `-`. */
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'

/** @throws TypeError if it is no JSON, naming the place; what the file system says if there is no such file */
export const readJson = async (file: string): Promise<unknown> => parseJson(await readText(file), nameOf(file))

/** The same for a list: a JSON array, an object, or an object a line. */
export const parseJsonLines = (content: string, name: string): unknown => {
  const lines = content.split('\n').filter((line) => line.trim() !== '')
  const isLines = lines.length > 1 && lines.every((line) => /^\s*\{.*\}\s*$/.test(line))
  return isLines ? lines.map((line, at) => parseJson(line, `line ${at + 1} of ${name}`)) : parseJson(content, name)
}

export const readText = (file: string): Promise<string> => (file === '-' ? text(process.stdin) : readFile(file, 'utf8'))

export const nameOf = (file: string): string => (file === '-' ? 'standard input' : file)

const parseJson = (content: string, name: string): unknown => {
  try {
    return JSON.parse(content)
  } catch (error) {
    throw new TypeError(`${name} is no JSON: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}
