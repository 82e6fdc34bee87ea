/** One line at the foot of a terminal that shows how far something is; nothing where there is no terminal. */

export type ProgressBar = {
  show: (fraction: number, text: string) => void
  /** Takes the line away. */
  clear: () => void
}

const cells = 24
/** Between two pictures of the line, in milliseconds: more often than a person can read. */
const restMs = 100
const clearLine = '\r\u001b[2K'

export const createProgressBar = (stream: NodeJS.WriteStream = process.stderr): ProgressBar => {
  if (!stream.isTTY) return { show: () => {}, clear: () => {} }
  let drawnAt = 0
  const show = (fraction: number, text: string): void => {
    const now = performance.now()
    if (now - drawnAt < restMs && fraction < 1) return
    drawnAt = now
    const full = Math.round(Math.min(1, Math.max(0, fraction)) * cells)
    const line = `${'█'.repeat(full)}${'░'.repeat(cells - full)} ${text}`
    // A line that wraps could not be taken away.
    stream.write(clearLine + line.slice(0, Math.max(1, (stream.columns ?? 80) - 1)))
  }
  return { show, clear: () => void stream.write(clearLine) }
}
