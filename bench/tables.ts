/** Results as Markdown, on the screen and between markers of a document. */
import type { Comparison } from './compare.ts'
import type { Growth } from './growth.ts'

/** Of a table: milliseconds below one second. */
export const seconds = (value: number | undefined): string => {
  if (value === undefined) return '-'
  return value < 1 ? `${(value * 1000).toFixed(1)} ms` : `${value.toFixed(2)} s`
}

const mebibytes = (value: number | undefined): string => (value === undefined ? '-' : `${Math.round(value / 2 ** 20)} MiB`)

/** A table. */
export const markdown = (head: readonly string[], rows: readonly string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** One line per job: ours against PyTorch. */
export const comparisonTable = (comparisons: readonly Comparison[]): string =>
  markdown(
    [
      'work',
      'ours',
      'PyTorch',
      'ratio',
      'asked for',
      'CPU time',
      'our first job',
      'first ratio',
      'our rows/s',
      'peak memory',
      'final loss',
    ],
    comparisons.map(({ name, ours, pytorch, ratio, firstRatio, target }) => [
      name,
      seconds(ours.seconds),
      seconds(pytorch?.seconds),
      ratio?.toFixed(2) ?? '-',
      target === null ? '-' : `≥ ${target}`,
      `${seconds(ours.cpuSeconds)} / ${seconds(pytorch?.cpuSeconds)}`,
      seconds(ours.first),
      firstRatio?.toFixed(2) ?? '-',
      Math.round(ours.rowsPerSecond).toLocaleString('en'),
      `${mebibytes(ours.peakBytes)} / ${mebibytes(pytorch?.peakBytes)}`,
      `${ours.loss.toPrecision(5)} / ${pytorch?.loss.toPrecision(5) ?? '-'}`,
    ]),
  )

/** One line per size: how seconds follow it. */
export const growthTable = (growth: readonly Growth[]): string =>
  markdown(
    ['grows with', 'size', 'seconds', 'CPU time', 'times the size before', 'times the seconds before', 'times the CPU time before'],
    growth.map((each) => [
      each.with,
      each.size,
      seconds(each.seconds),
      seconds(each.cpuSeconds),
      each.sizeFactor?.toFixed(2) ?? '-',
      each.secondsFactor?.toFixed(2) ?? '-',
      each.cpuFactor?.toFixed(2) ?? '-',
    ]),
  )

const markersOf = (name: string): [string, string] => [`<!-- ${name} -->`, `<!-- end ${name} -->`]

/** Whether a document has a section `<!-- NAME -->` … `<!-- end NAME -->`. */
export const hasSection = (document: string, name: string): boolean => {
  const [begin, end] = markersOf(name)
  const from = document.indexOf(begin)
  return from >= 0 && document.indexOf(end, from) > from
}

/** The document with `text` between the markers of a section, which must be there. */
export const withSection = (document: string, { name, text }: { name: string; text: string }): string => {
  const [begin, end] = markersOf(name)
  const from = document.indexOf(begin) + begin.length
  return `${document.slice(0, from)}\n${text}\n${document.slice(document.indexOf(end, from))}`
}
