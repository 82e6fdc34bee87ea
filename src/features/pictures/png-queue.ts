/** PNGs are made one at a time beside the event loop, and only so many may wait for it. */
import { Problem } from '../../contracts/error-codes.ts'

/** Renders an SVG as a PNG. @throws Problem UNAVAILABLE */
export type ToPng = (svg: string) => Promise<Uint8Array>

/** What renders: `ask` fails if it takes too long or dies, `end` makes the next request start anew. */
type Renderer = { ask: (svg: string) => Promise<Uint8Array>; end: () => void }

/** Pictures that may wait, the one at work among them. */
export const maxWaitingPictures = 64

/** A queue before a renderer. @throws Problem UNAVAILABLE if too many wait, or if this picture could not be rendered */
export const createPngQueue = ({ ask, end }: Renderer, maxWaiting = maxWaitingPictures): ToPng => {
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()

  const render = async (svg: string): Promise<Uint8Array> => {
    try {
      return await ask(svg)
    } catch {
      // What failed may have left its memory in any state.
      end()
      throw new Problem('UNAVAILABLE', 'The picture could not be rendered: ask again, or for the SVG')
    }
  }

  return async (svg) => {
    if (waiting >= maxWaiting) throw new Problem('UNAVAILABLE', `${waiting} pictures wait to be rendered: ask again later, or for the SVG`)
    waiting++
    const turn = last.then(() => render(svg))
    last = turn.catch(() => {})
    try {
      return await turn
    } finally {
      waiting--
    }
  }
}
