/** Trainers of a process take turns: none goes on for long where others wait. */

/** How long operations may go on before others get their turn. */
export const turnMs = 20

/** The turns of one trainer. */
export type Turn = {
  /** A request begins with a turn of its own. */
  begin: () => void
  /** Lets others have theirs, if this one has lasted long enough. @throws Error if the trainer was closed meanwhile */
  breathe: () => Promise<void>
  isOver: () => boolean
}

export const createTurn = (isClosed: () => boolean): Turn => {
  let began = 0

  const begin = (): void => {
    began = performance.now()
  }
  const isOver = (): boolean => performance.now() - began >= turnMs

  const breathe = async (): Promise<void> => {
    if (!isOver()) return
    await new Promise(setImmediate)
    if (isClosed()) throw new Error('the trainer was closed')
    begin()
  }

  return { begin, breathe, isOver }
}
