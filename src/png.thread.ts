/** Entry of the thread that makes PNGs of pictures for the API. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createPngRenderer } from './features/pictures/png-renderer.ts'
import { findPackageRoot } from './platform/package-root.ts'
import { answerRequests } from './platform/thread-entry.ts'

const fonts = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => readFileSync(join(findPackageRoot(), 'fonts', name)))
const wasm = readFileSync(createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm'))

answerRequests(createPngRenderer({ wasm, fonts }), ({ buffer }) => [buffer])
