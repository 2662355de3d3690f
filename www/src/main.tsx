/**
 * Starts the page: learns of the demo's server, connects to its broker, draws.
 * It does not know any panel.
 */
import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/forms.css';
import './styles/devices.css';
import './styles/plots.css';
import './styles/scenes.css';
import './styles/messages.css';
import { App } from './app.js';
import { config, loadConfig } from './state/config.js';
import { connectWith } from './state/connection.js';
import { change, settings } from './state/settings.js';
// Registers itself for every new connection.
import './state/subscriptions.js';

const target = document.getElementById('app');
if (target === null) throw new Error('The page has no place to draw to');
render(<App />, target);

await loadConfig();
if (config.value === undefined) change({ place: 'url' });
else connectWith(settings.value);
