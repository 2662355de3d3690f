/**
 * The scenes, what each says of itself, and what each needs.
 * It does not play them.
 */
import { Stage } from './scene.js';

export type SceneId = 'will' | 'retained' | 'network' | 'flood';

export interface Scene {
  readonly id: SceneId;
  readonly title: string;
  readonly about: string;
  /** Needs the demo's own server, to kill a device or to cut the network. */
  readonly staged: boolean;
  readonly stage: Stage;
}

export const scenes: readonly Scene[] = [
  {
    id: 'will',
    title: 'A device dies',
    about: 'The pump loses power. The broker publishes the will it left.',
    staged: true,
    stage: new Stage(),
  },
  {
    id: 'retained',
    title: 'A value waits',
    about: 'Published once, kept by the broker, there for whoever subscribes later.',
    staged: false,
    stage: new Stage(),
  },
  {
    id: 'network',
    title: 'The network is cut',
    about: 'Messages queue, the client reconnects, nothing is lost.',
    staged: true,
    stage: new Stage(),
  },
  {
    id: 'flood',
    title: 'Thousands a second',
    about: '5,000 messages a second, while the page stays smooth.',
    staged: true,
    stage: new Stage(),
  },
];
