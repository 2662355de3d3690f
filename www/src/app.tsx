/**
 * The page: header, the column of forms, and the live part.
 * It does not know what any panel shows.
 */
import { Announcer } from './components/announcer.js';
import { ConnectionPanel } from './components/connection-panel.js';
import { DevicesPanel } from './components/devices-panel.js';
import { Header } from './components/header.js';
import { MessagesPanel } from './components/messages-panel.js';
import { PlotsPanel } from './components/plots-panel.js';
import { PublishPanel } from './components/publish-panel.js';
import { ScenesPanel } from './components/scenes-panel.js';
import { SubscriptionsPanel } from './components/subscriptions-panel.js';

export function App() {
  return (
    <>
      <a class="skip" href="#live">
        Skip to the live data
      </a>
      <Header />
      <div class="page">
        <aside class="column" aria-label="Connection, subscriptions and publishing">
          <ConnectionPanel />
          <SubscriptionsPanel />
          <PublishPanel />
        </aside>
        <main id="live" class="live" tabIndex={-1}>
          <DevicesPanel />
          <div class="pair">
            <PlotsPanel />
            <ScenesPanel />
          </div>
          <MessagesPanel />
        </main>
      </div>
      <Announcer />
    </>
  );
}
