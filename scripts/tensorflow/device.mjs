import { readdirSync } from 'node:fs'
import { run } from './shell.mjs'

/** Files that a driver makes for its devices: NVIDIA's own, Windows' in WSL, and that of boards with a GPU on the chip. */
const deviceFile = /^(nvidia\d+|dxg|nvgpu|nvhost-gpu)$/

/** Whether this machine, or this container, shows an NVIDIA device. */
export const hasDevice = async ({ devices = '/dev' } = {}) =>
  filesIn(devices).some((name) => deviceFile.test(name)) ||
  (await run('nvidia-smi', ['--list-gpus'], { limit: 10_000 })).stdout.startsWith('GPU ')

const filesIn = (directory) => {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
