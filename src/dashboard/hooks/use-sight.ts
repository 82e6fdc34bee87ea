/** Whether something has been on the screen: what costs the service work is asked for once somebody may look at it. */
import { useEffect, useRef, useState } from 'preact/hooks'

/** True from when the element is first near the screen. */
export const useSight = <Element extends HTMLElement>() => {
  const box = useRef<Element>(null)
  const [seen, setSeen] = useState(false)
  useEffect(() => {
    if (!box.current || seen) return
    const sight = new IntersectionObserver(([entry]) => entry?.isIntersecting && setSeen(true), { rootMargin: '200px' })
    sight.observe(box.current)
    return () => sight.disconnect()
  }, [seen])
  return { box, seen }
}
