/**
 * The connection in full: what the server granted, what it lacks, what went over the wire, and the form to connect.
 * It does not connect by itself.
 */
import type { ServerInfo, Sharing } from 'wasmqtt';
import { bytes, integer, milliseconds, rate, seconds, versionName } from '../lib/format.js';
import { config } from '../state/config.js';
import { asked, embedded, roundTrips, server, sharing, state, stats, trouble } from '../state/connection.js';
import { featuresOf } from '../state/features.js';
import { looking, measures } from '../state/measures.js';
import { ConnectForm } from './connect-form.js';
import { Doctor } from './doctor.js';
import { Fold, isWide } from './fields.js';

const wide = isWide();

export function ConnectionPanel() {
  const info = server.value;
  const connected = state.value === 'connected';
  return (
    <Fold
      title="Connection"
      id="connection"
      open={wide}
      aside={connected && info !== undefined ? versionName(info.protocol) : ''}
    >
      {trouble.value !== undefined && !connected && <p class="alert">{trouble.value.text}</p>}
      {trouble.value !== undefined && !connected && <Doctor troubled />}
      {connected && info !== undefined && (
        <>
          <Facts info={info} />
          <Lacks info={info} />
          <Limits info={info} />
          <Traffic />
        </>
      )}
      <ConnectForm />
      {(trouble.value === undefined || connected) && <Doctor troubled={false} />}
    </Fold>
  );
}

function Facts({ info }: { info: ServerInfo }) {
  const fell = asked.value === 'auto' && info.protocol < 5;
  return (
    <>
      <dl class="facts" id="facts">
        <Fact name="Server" value={info.url} />
        <Fact name="Version" value={versionName(info.protocol)} />
        <Fact name="Client" value={info.clientId} />
        {sharing.value !== undefined && <Fact name="Shared" value={placeOf(sharing.value)} />}
        <Fact name="Session" value={info.sessionPresent ? 'resumed' : 'new'} />
      </dl>
      {fell && (
        <p class="remark" id="fell-back">
          5.0 was offered and refused; the client fell back to {versionName(info.protocol)} by itself.
        </p>
      )}
    </>
  );
}

/** Who has the connection, and for how many tabs. */
const PLACES: Record<Sharing['place'], string> = {
  'this-page': 'this tab of',
  'other-page': 'another tab of',
  'shared-worker': 'a worker for',
};

function placeOf({ place, pages }: Sharing): string {
  return `${PLACES[place]} ${pages}`;
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd title={value}>{value}</dd>
    </div>
  );
}

function Lacks({ info }: { info: ServerInfo }) {
  const lacking = featuresOf(info).filter((feature) => !feature.available);
  const name = embedded.value ? (config.value?.broker.name ?? 'This broker') : 'This broker';
  if (lacking.length === 0)
    return (
      <p class="remark" id="lacks">
        {name} offers everything of MQTT 5.0.
      </p>
    );
  const whys = [...new Set(lacking.map((feature) => feature.why))];
  return (
    <div class="lacks" id="lacks">
      {whys.map((why) => (
        <div key={why}>
          <p class="remark">
            {name} {why}; it lacks:
          </p>
          <ul>
            {lacking
              .filter((feature) => feature.why === why)
              .map((feature) => (
                <li key={feature.name}>{feature.name}</li>
              ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function Limits({ info }: { info: ServerInfo }) {
  const five = info.protocol === 5;
  return (
    <details class="more">
      <summary>Server limits</summary>
      <dl class="facts" id="limits">
        <Fact name="Keep alive" value={info.keepAlive === 0 ? 'off' : seconds(info.keepAlive)} />
        <Fact name="Session expiry" value={five ? seconds(info.sessionExpiry) : 'not in this version'} />
        <Fact name="Maximum QoS" value={String(info.maximumQoS)} />
        <Fact name="Receive maximum" value={integer(info.receiveMaximum)} />
        <Fact name="Packet size" value={bytes(info.maximumPacketSize)} />
        <Fact name="Topic aliases" value={integer(info.topicAliasMaximum)} />
        <Fact name="Retained" value={info.retainAvailable ? 'yes' : 'no'} />
        <Fact name="Wildcards" value={info.wildcardSubscriptionAvailable ? 'yes' : 'no'} />
        <Fact name="Shared" value={info.sharedSubscriptionAvailable ? 'yes' : 'no'} />
        <Fact name="Subscription ids" value={info.subscriptionIdentifierAvailable ? 'yes' : 'no'} />
        {info.userProperties.map(([name, value], index) => (
          <Fact key={`${index}-${name}`} name={name} value={value} />
        ))}
      </dl>
    </details>
  );
}

function Traffic() {
  const current = stats.value;
  if (current === undefined) return null;
  const trips = roundTrips.value;
  const average = trips.length === 0 ? undefined : trips.reduce((sum, each) => sum + each, 0) / trips.length;
  return (
    <details
      class="more"
      onToggle={(event) => {
        looking.value = event.currentTarget.open;
      }}
    >
      <summary>Traffic</summary>
      <dl class="facts" id="traffic">
        <Fact
          name="Received"
          value={`${integer(current.messagesReceived)} messages, ${bytes(current.bytesReceived)}`}
        />
        <Fact name="Sent" value={`${integer(current.messagesSent)} messages, ${bytes(current.bytesSent)}`} />
        <Fact name="Packets" value={`${integer(current.packetsReceived)} in, ${integer(current.packetsSent)} out`} />
        <Fact name="Queued" value={`${integer(current.queued)}, ${bytes(current.queuedBytes)}`} />
        <Fact name="In flight" value={integer(current.inFlight)} />
        <Fact name="Socket buffer" value={bytes(current.bufferedAmount)} />
        <Fact name="Connections" value={integer(current.connections)} />
        <Fact name="Round trip" value={average === undefined ? '–' : `${milliseconds(average)} on average`} />
        <Measured />
      </dl>
    </details>
  );
}

/** Of the last ten seconds. */
function Measured() {
  const measured = measures.value;
  if (measured === undefined) return null;
  const { rates, queueAge, inFlightAge, roundTrips: trips } = measured;
  const { p50, p99 } = trips;
  return (
    <>
      <Fact name="In" value={`${rate(rates.messagesReceived)} messages/s, ${bytes(rates.bytesReceived)}/s`} />
      <Fact name="Out" value={`${rate(rates.messagesSent)} messages/s, ${bytes(rates.bytesSent)}/s`} />
      <Fact name="Oldest queued" value={milliseconds(queueAge)} />
      <Fact name="Oldest in flight" value={milliseconds(inFlightAge)} />
      <Fact
        name="Answers after"
        value={p50 === undefined || p99 === undefined ? '–' : `${milliseconds(p50)} (p50), ${milliseconds(p99)} (p99)`}
      />
    </>
  );
}
