/**
 * The one place that speaks to screen readers without being asked, politely.
 * It does not decide what is worth saying.
 */
import { announcement } from '../state/announcer.js';

export function Announcer() {
  return (
    <div class="unseen" role="status" aria-live="polite">
      {announcement.value}
    </div>
  );
}
