/** One product for all files of a process that only send requests: the first file starts it, and it ends with the process. */
import type { Socket } from 'node:net'
import { discard, type Product, startProduct } from './product.ts'

let started: Promise<Product> | undefined

/** A product as `npm start` has it, with what the files before this one left in it: datasets, jobs and uploads. Nobody may stop it. */
export const sharedProduct = (): Promise<Product> => {
  started ??= start()
  return started
}

const start = async (): Promise<Product> => {
  const product = await startProduct()
  // Or the process would wait for it.
  product.process.unref()
  for (const stream of [product.process.stdout, product.process.stderr]) (stream as Socket | null)?.unref()
  process.once('beforeExit', () => {
    product.process.ref()
    void discard(product)
  })
  return product
}
