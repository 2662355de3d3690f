/** The connection as applications reach for it: its socket, its address, and a way to cut it. It does not know what goes through it. */

import { TypedEventEmitter } from './emitter.js';

/** Milliseconds for the closing handshake. */
const PATIENCE = 1000;

interface StreamEvents {
  close: () => void;
  error: (error: Error) => void;
  end: () => void;
}

export class Stream extends TypedEventEmitter<StreamEvents> {
  /** What was opened. */
  url = '';
  socket: WebSocket | undefined;
  destroyed = false;

  /** @internal */
  opened(url: string, socket: WebSocket): WebSocket {
    this.url = url;
    this.socket = socket;
    if (this.destroyed) {
      socket.close();
    }
    return socket;
  }

  /** @internal When the socket has closed, or has taken too long for that. */
  get gone(): Promise<unknown> | undefined {
    const { socket } = this;
    if (!socket || socket.readyState === 3 || typeof socket.addEventListener !== 'function') {
      return undefined;
    }
    return new Promise((resolve) => {
      socket.addEventListener('close', resolve);
      setTimeout(resolve, PATIENCE);
    });
  }

  /** @internal The connection is gone. */
  closed(): void {
    this.destroyed = true;
    this.socket = undefined;
    this.emit('close');
  }

  /** Closes the socket: the client has lost its connection then. */
  end(callback?: () => void): this {
    if (callback) {
      this.once('close', callback);
    }
    return this.destroy();
  }

  destroy(error?: Error): this {
    if (!this.destroyed) {
      this.destroyed = true;
      this.socket?.close();
      if (error && this.listenerCount('error') > 0) {
        this.emit('error', error);
      }
    }
    return this;
  }
}
