/**
 * What MQTT is good at, one click each, with the steps and the numbers as they come.
 * It does not know how a scene is played.
 */
import { useEffect, useRef } from 'preact/hooks';
import type { Client } from 'wasmqtt';
import { integer } from '../lib/format.js';
import { flood } from '../scenes/flood.js';
import { type Scene, type SceneId, scenes } from '../scenes/index.js';
import { cutNetwork } from '../scenes/network.js';
import { retained } from '../scenes/retained.js';
import type { Stage } from '../scenes/scene.js';
import { DEVICE, die, revive } from '../scenes/will.js';
import { config } from '../state/config.js';
import { client, embedded, server, state } from '../state/connection.js';
import { deviceOf, devicesChanged } from '../state/devices.js';
import { settings } from '../state/settings.js';

export function ScenesPanel() {
  return (
    <section class="panel scenes" id="scenes" aria-labelledby="scenes-title">
      <div class="head">
        <h2 id="scenes-title">See it happen</h2>
      </div>
      <ul class="scene-list" tabIndex={0} aria-label="Scenes">
        {scenes.map((scene) => (
          <SceneRow key={scene.id} scene={scene} />
        ))}
      </ul>
    </section>
  );
}

function SceneRow({ scene }: { scene: Scene }) {
  const { stage } = scene;
  const why = whyNot(scene);
  return (
    <li class="scene" data-scene={scene.id} data-playing={String(stage.playing.value)}>
      <div class="what">
        <h3 id={`scene-${scene.id}`}>{scene.title}</h3>
        <p>{scene.about}</p>
        {why !== undefined && (
          <p class="note" id={`scene-${scene.id}-why`}>
            {why}
          </p>
        )}
      </div>
      <Buttons scene={scene} disabled={why !== undefined || stage.playing.value} />
      <Numbers stage={stage} />
      <Steps stage={stage} label={scene.title} />
    </li>
  );
}

function whyNot({ id, staged }: Scene): string | undefined {
  if (state.value !== 'connected' && id !== 'network') return 'Connect first.';
  if (server.value === undefined) return 'Connect first.';
  if (staged && !(embedded.value && config.value?.features.control === true))
    return 'Only with the embedded broker: it needs the demo’s own server.';
  if (id === 'retained' && !server.value.retainAvailable) return 'This server has no retained messages.';
  return undefined;
}

function Buttons({ scene, disabled }: { scene: Scene; disabled: boolean }) {
  devicesChanged.value;
  const dead = scene.id === 'will' && deviceOf(DEVICE)?.online === false;
  const text = scene.stage.playing.value ? 'Playing' : dead ? 'Revive it' : 'Play';
  return (
    <button
      type="button"
      disabled={disabled}
      aria-label={`${text}: ${scene.title}`}
      aria-describedby={disabled && !scene.stage.playing.value ? `scene-${scene.id}-why` : undefined}
      onClick={() => {
        const act = actOf(scene.id, dead);
        if (act !== undefined) void scene.stage.play(act);
      }}
    >
      {text}
    </button>
  );
}

function actOf(id: SceneId, dead: boolean): ((stage: Stage) => Promise<void>) | undefined {
  const current: Client | undefined = client.value;
  const info = server.value;
  if (current === undefined || info === undefined) return undefined;
  switch (id) {
    case 'will':
      return dead ? revive(current) : die(current);
    case 'retained':
      return retained(current);
    case 'network': {
      const { username, password } = settings.value;
      return cutNetwork(info, { ...(username === '' ? {} : { username }), ...(password === '' ? {} : { password }) });
    }
    case 'flood':
      return flood(current);
  }
}

function Numbers({ stage }: { stage: Stage }) {
  const { total, ...shown } = stage.numbers.value;
  const entries = Object.entries(shown);
  if (entries.length === 0) return null;
  return (
    <div class="numbers">
      {total !== undefined && (
        <div class="bar" aria-hidden="true">
          <span class="sent" style={{ width: `${((shown.sent ?? 0) / total) * 100}%` }} />
          <span class="got" style={{ width: `${((shown.received ?? 0) / total) * 100}%` }} />
        </div>
      )}
      <dl>
        {entries.map(([name, value]) => (
          <div key={name} data-number={name}>
            <dt>{name}</dt>
            <dd class="num">{integer(value)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Steps({ stage, label }: { stage: Stage; label: string }) {
  const place = useRef<HTMLOListElement>(null);
  const count = stage.steps.value.length;
  useEffect(() => {
    if (count > 0) bringIntoSight(place.current?.closest('li'));
  }, [count]);
  if (count === 0) return null;
  return (
    <ol ref={place} class="steps" aria-label={`Steps of: ${label}`}>
      {stage.steps.value.map((step, index) => (
        <li key={index} class={step.tone}>
          <span class="num">{(step.at / 1_000).toFixed(2)} s</span> <span>{step.text}</span>
        </li>
      ))}
    </ol>
  );
}

/** On wide screens the list scrolls by itself: all of the row, or at least its end, comes into sight. */
function bringIntoSight(row: HTMLLIElement | null | undefined): void {
  const list = row?.parentElement;
  if (row == null || list == null || list.scrollHeight <= list.clientHeight) return;
  list.scrollTo({ top: Math.max(row.offsetTop, row.offsetTop + row.offsetHeight - list.clientHeight) });
}
