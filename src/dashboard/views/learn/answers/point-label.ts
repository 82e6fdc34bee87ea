/** What a job of a sweep is called: the values of its point in short. */
export const labelOf = (point: Record<string, unknown>): string => {
  const values = Object.entries(point).map(([path, value]) => ({ name: path.split('.').at(-1) ?? path, text: textOf(value) }))
  const parts = values.map(({ name, text }) => (isNumber(text) ? `${name} ${text}` : text))
  return [...new Set(parts)].join(', ')
}

const isNumber = (text: string): boolean => text.trim() !== '' && !Number.isNaN(Number(text))

/** An object by its type and the options beside it. */
const textOf = (value: unknown): string => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return typeof value === 'string' ? value : JSON.stringify(value)
  const { type, ...options } = value as Record<string, unknown>
  return [typeof type === 'string' ? type : '', ...Object.entries(options).map(([name, option]) => `${name} ${textOf(option)}`)]
    .filter((part) => part !== '')
    .join(' ')
}
