/** What the client gives of a job besides its numbers, tried on a job of the notebook. */
import assert from 'node:assert/strict'

// biome-ignore lint/suspicious/noExplicitAny: the package as its users get it, without its types
type Any = any

/** Checkpoints, histograms, pictures, and what the engine answers at once. */
export const lookAtResults = async (client: Any, job: Any): Promise<void> => {
  const epochsOf = (epochs: { epoch: number }[]) => epochs.map(({ epoch }) => epoch)
  assert.deepEqual(epochsOf(await job.checkpoints({ from: 2 })), [2, 3])
  const { parameter, data } = await job.histograms({ of: 'gradients', bins: 4, maxPoints: 2 })
  assert.deepEqual([parameter, epochsOf(data)], ['layers.0.weight', [1, 3]])

  const svg = new TextDecoder().decode(await job.picture('svg', { theme: 'dark', log: true }))
  assert.match(svg, /^<svg [\s\S]*<\/svg>\s*$/)
  const png = await job.picture('png', { width: 300 })
  assert.deepEqual([...png.subarray(1, 4)], [...Buffer.from('PNG')])
  const { url, expiresAt } = await job.pictureLink({ format: 'png', width: 300, expiresInSeconds: 3600 })
  assert.ok(Date.parse(expiresAt) > Date.now())
  assert.deepEqual(new Uint8Array(await (await fetch(url)).arrayBuffer()), png)

  const huber = await client.evaluateLoss('huber', { inputs: [{ shape: [2], values: [0, 3] }], target: { shape: [2], values: [0, 0] } })
  assert.equal(huber.value, 1.25)
  const { values } = await client.sampleInitializer('zeros', { shape: [2] })
  assert.deepEqual(values, [0, 0])
}
