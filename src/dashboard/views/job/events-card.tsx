/** What happened to a job, newest first. */
import { Card } from '../../components/card.tsx'
import type { EventLine } from './event-lines.ts'

/** Lines that are shown. */
const maxLines = 100

export const EventsCard = ({ events }: { events: EventLine[] }) => (
  <Card title="Events">
    {/* A box that scrolls can be reached by keyboard. */}
    <div class="events" role="group" aria-label="Events" tabIndex={0}>
      <ol>
        {events
          .slice(-maxLines)
          .reverse()
          .map(({ seq, type, at, text }) => (
            <li key={seq}>
              <time class="muted mono" dateTime={at} title={at}>
                {new Date(at).toLocaleTimeString('en-GB')}
              </time>
              <b>{type}</b>
              <span>{text}</span>
            </li>
          ))}
      </ol>
    </div>
  </Card>
)
