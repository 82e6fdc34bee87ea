/** What docs/gallery.md promises of each example, and whether what a run printed keeps it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './product.ts'

export type GalleryEntry = { name: string; picture: string; command: string; lines: string[] }

/** The sections of docs/gallery.md in their order; a `…` among the lines stands for lines left out and is none of them. */
export const readGallery = (): GalleryEntry[] => {
  const [, ...sections] = readFileSync(join(root, 'docs/gallery.md'), 'utf8').split(/^## /m)
  return sections.map((section) => ({
    name: section.split('\n', 1)[0] ?? '',
    picture: /!\[[^\]]*\]\(([^)]+)\)/.exec(section)?.[1] ?? '',
    command: /```sh\n([\s\S]*?)\n```/.exec(section)?.[1] ?? '',
    lines: (/```text\n([\s\S]*?)\n```/.exec(section)?.[1] ?? '').split('\n').filter((line) => line !== '…'),
  }))
}

/** The first promised line that is not in the text, after those before it; null if all are there. */
export const firstBroken = (lines: readonly string[], text: string): string | null => {
  const printed = text.split('\n')
  let at = 0
  for (const line of lines) {
    while (at < printed.length && !agrees(line, printed[at] ?? '')) at++
    if (at++ >= printed.length) return line
  }
  return null
}

const decimals = /-?\d+\.\d+/g

/** Words and whole numbers are the same; a decimal is off by 2 % and two units of its last digit at most. */
const agrees = (promised: string, printed: string): boolean => {
  const words = (line: string) => line.replace(decimals, '#').trim().replace(/\s+/g, ' ')
  if (words(promised) !== words(printed)) return false
  const numbers = [...printed.matchAll(decimals)].map(([number]) => Number(number))
  return [...promised.matchAll(decimals)].every(([number], index) => {
    const unit = 10 ** -(number.split('.')[1] ?? '').length
    return Math.abs(Number(number) - (numbers[index] ?? Number.NaN)) <= 0.02 * Math.abs(Number(number)) + 2.01 * unit
  })
}
