/** Server-sent events, as the HTML standard has them, out of the bytes of an answer. */

/** The `data` of each event; comments, `retry` and what has no data are left out. */
export async function* readEventData(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of chunks) {
    const blocks = (text + decoder.decode(chunk, { stream: true })).split(/\r\n\r\n|\n\n|\r\r/)
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = dataOf(block)
      if (data !== undefined) yield data
    }
  }
}

const dataOf = (block: string): string | undefined => {
  const lines = block.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:'))
  return lines.length === 0 ? undefined : lines.map((line) => line.slice(5).replace(/^ /, '')).join('\n')
}
