/** Reads Prometheus's text format 0.0.4 as strictly as the server does (which knows NaN by any case), and fails on what that would refuse. */
import assert from 'node:assert/strict'

export type Sample = { name: string; labels: Record<string, string>; value: number }
export type Family = { name: string; type: string; help: string; samples: Sample[] }

const label = /([A-Za-z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"/
const sampleLine = new RegExp(
  `^([A-Za-z_:][\\w:]*)(?:\\{(${label.source}(?:,${label.source})*)?\\})? ([Nn]a[Nn]|[+-]Inf|[+-]?[0-9.]+(?:e[+-]?[0-9]+)?)(?: -?[0-9]+)?$`,
)
const suffixes: Record<string, RegExp> = { histogram: /_(bucket|sum|count)$/, summary: /_(sum|count)$/ }

/** All families by name. */
export const parseMetrics = (text: string): Map<string, Family> => {
  assert.ok(text.endsWith('\n'), 'the last line ends')
  const families = new Map<string, Family>()
  const helps = new Map<string, string>()
  let family: Family | undefined
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, word, about = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (word === 'HELP') helps.set(about, rest)
    else if (word === 'TYPE') {
      assert.match(rest, /^(counter|gauge|histogram|summary|untyped)$/, line)
      assert.ok(!families.has(about), `${about} is there once`)
      family = { name: about, type: rest, help: helps.get(about) ?? '', samples: [] }
      families.set(about, family)
    } else if (!line.startsWith('#')) {
      const sample = toSample(line)
      assert.equal(sample.name.replace(suffixes[family?.type ?? ''] ?? /$^/, ''), family?.name, `${line} stands under its TYPE`)
      family?.samples.push(sample)
    }
  }
  for (const { name, samples } of families.values()) {
    const series = samples.map((sample) => `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`)
    assert.equal(new Set(series).size, series.length, `no series of ${name} is there twice`)
  }
  return families
}

const toSample = (line: string): Sample => {
  const [, name, labels = ''] = sampleLine.exec(line) ?? assert.fail(`not a sample: ${line}`)
  const pairs = [...labels.matchAll(new RegExp(label, 'g'))].map(([, key = '', value = '']) => [key, value])
  const value =
    line
      .slice(line.lastIndexOf('}') + 1)
      .split(' ')
      .at(-1) ?? ''
  return {
    name: name ?? '',
    labels: Object.fromEntries(pairs),
    value: value.endsWith('Inf') ? Number(value.replace('Inf', 'Infinity')) : Number(value),
  }
}
