/** Server-sent events, as the HTML standard has them, out of the bytes of an answer. */

/** What stands between two empty lines. A place in the stream may be told without an event: then there is no `data`. */
export type Block = { id: string | undefined; data: string | undefined }

/** Comments and `retry` are left out; a block that the line broke in is too. */
export async function* readBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of chunks) {
    const blocks = (text + decoder.decode(chunk, { stream: true })).split(/\r\n\r\n|\n\n|\r\r/)
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const lines = block.split(/\r\n|\n|\r/)
      yield { id: fieldOf(lines, 'id'), data: fieldOf(lines, 'data') }
    }
  }
}

const fieldOf = (lines: readonly string[], name: string): string | undefined => {
  const values = lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ''))
  return values.length === 0 ? undefined : values.join('\n')
}
