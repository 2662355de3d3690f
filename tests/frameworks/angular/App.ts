/** A dashboard in one file. */

import { Component, Input, signal } from '@angular/core';
import {
  injectMessages,
  injectPublish,
  injectRequest,
  injectStatus,
  injectSubscription,
  injectTopic,
  injectTopics,
} from 'wasmqtt/angular';

@Component({
  selector: 'app-gauge',
  template: '<output class="gauge">{{ shown(temperature()) }}</output>',
})
class Gauge {
  @Input() index = 0;
  readonly temperature = injectTopic('plant/1/temperature', (message) => message.json<number>());

  shown(value: number | undefined) {
    (globalThis as { drawn?: (index: number, value: unknown) => void }).drawn?.(this.index, value);
    return value;
  }
}

@Component({
  selector: 'app-root',
  imports: [Gauge],
  template: `
    <h1>Plant</h1>
    <p><span id="status">{{ status().state }}</span> <span id="lost">{{ status().error?.code }}</span></p>
    <section>
      <p id="last">{{ readings().message?.text() }}</p>
      <p id="granted">{{ readings().granted?.qos }}</p>
      <p id="refused">{{ refused().error?.code }}</p>
      <ul id="topics">@for (entry of topics(); track entry[0]) {<li>{{ entry[0] }}: {{ entry[1].text() }}</li>}</ul>
      <p id="messages">@for (message of messages(); track message) {{{ $first ? '' : ' ' }}{{ message.text() }}}</p>
    </section>
    <section>
      <button id="publish" (click)="publish('from-page', 'on', { qos: 1 })">On</button>
      <button id="ask" (click)="ask()">Ask</button>
      <span id="reply">{{ lamp.pending() ? 'asking' : (lamp.error()?.code ?? lamp.reply()?.text()) }}</span>
    </section>
    <section>
      <button id="toggle" (click)="shown.set(!shown())">Gauges</button>
      @if (shown()) { @for (index of gauges; track index) {<app-gauge [index]="index" />} }
    </section>
  `,
})
export class App {
  readonly status = injectStatus();
  readonly readings = injectSubscription('plant/+/temperature', { qos: 1 });
  readonly refused = injectSubscription('plant/#/temperature');
  readonly topics = injectTopics('plant/+/temperature', { qos: 1 });
  readonly messages = injectMessages('plant/+/temperature', { qos: 1, limit: 5 });
  readonly publish = injectPublish();
  readonly lamp = injectRequest('lamps/1/state', { timeout: 10_000 });
  readonly shown = signal(true);
  readonly gauges = Array.from({ length: 20 }, (_, index) => index);

  ask() {
    this.lamp.request('which?').catch(() => {});
  }
}
