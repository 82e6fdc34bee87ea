/** Asks `/healthz` every 10 ms, whether the last one was answered or not, until told to stop; sends the milliseconds of each. */
import { setTimeout as sleep } from 'node:timers/promises'

const url = `${process.argv[2]}/healthz`
const times = []
let over = false

/** What takes over 60 s counts as 60 s. */
const ask = async () => {
  const started = performance.now()
  await fetch(url, { signal: AbortSignal.timeout(60_000) })
    .then((answer) => answer.arrayBuffer())
    .catch(() => {})
  times.push(performance.now() - started)
}

process.once('message', () => {
  over = true
})
await ask()
times.length = 0
process.send('ready')
const all = []
while (!over) {
  all.push(ask())
  await sleep(10)
}
await Promise.all(all)
process.send(times)
process.disconnect()
