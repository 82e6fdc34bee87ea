/** An SVG as a PNG, by resvg compiled to WebAssembly. It holds the thread that it runs in. */
import { initWasm, Resvg } from '@resvg/resvg-wasm'

/**
 * Renders an SVG in its own size. Characters that the fonts lack are empty boxes; nothing outside of the SVG is ever read.
 * @param wasm the module of the package @resvg/resvg-wasm
 * @param fonts TrueType files, the only fonts that there are
 */
export const createPngRenderer = ({ wasm, fonts }: { wasm: Uint8Array<ArrayBuffer>; fonts: readonly Uint8Array[] }) => {
  const ready = initWasm(wasm)
  const font = { fontBuffers: [...fonts], defaultFontFamily: family, sansSerifFamily: family }

  return async (svg: string): Promise<Uint8Array<ArrayBuffer>> => {
    await ready
    const picture = new Resvg(svg, { font })
    try {
      const image = picture.render()
      // A copy of its own, which can be given away.
      const png = new Uint8Array(image.asPng())
      image.free()
      return png
    } finally {
      picture.free()
    }
  }
}

const family = 'DejaVu Sans'
