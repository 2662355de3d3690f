/** The types that applications name; no code. */

export type * from './connection.js';
export type { CloseInfo, MqttErrorCode, MqttErrorDetails, MqttPhase } from './errors.js';
export type { ClientEvent, ClientEventType, ClientListener } from './listeners.js';
export type { RequestHandler, Responder } from './respond.js';
export type { MessageHandler, TemplateHandler } from './subscribing.js';
export type * from './types.js';
