/**
 * A session of W3C WebDriver: one command at a time, each in the window that it is for.
 * It does not know what runs in the windows.
 */

const STARTING = 20;
const PATIENCE = 60_000;

/** A window that is there no more; or a driver that says no. */
export class DriverError extends Error {
  /** @param {{ error: string, message: string }} value */
  constructor({ error, message }) {
    super(`${error}: ${message}`);
    this.gone = error === 'no such window' || error === 'invalid session id';
  }
}

export class Session {
  #url;
  #path = '';
  /** The window that commands go to. */
  #current = '';
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /** @param {string} url of the driver */
  constructor(url) {
    this.#url = url;
  }

  /** @param {object} capabilities */
  async start(capabilities) {
    const until = Date.now() + PATIENCE;
    for (;;) {
      try {
        await this.#send('GET', '/status');
        break;
      } catch (error) {
        if (error instanceof DriverError || Date.now() > until) {
          throw error;
        }
        // It does not say when it listens.
        await new Promise((resolve) => setTimeout(resolve, STARTING));
      }
    }
    const { sessionId } = await this.#send('POST', '/session', { capabilities: { alwaysMatch: capabilities } });
    this.#path = `/session/${sessionId}`;
  }

  /**
   * A command of the session, or of a window.
   *
   * @param {'GET' | 'POST' | 'DELETE'} method
   * @param {string} path
   * @param {object} [body]
   * @param {string} [window]
   * @returns {Promise<any>}
   */
  command(method, path, body, window) {
    const run = async () => {
      if (window !== undefined && window !== this.#current) {
        await this.#send('POST', `${this.#path}/window`, { handle: window });
        this.#current = window;
      }
      return this.#send(method, this.#path + path, body);
    };
    const done = this.#last.then(run, run);
    this.#last = done;
    return done;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   */
  async #send(method, path, body) {
    const answer = await fetch(this.#url + path, { method, body: body && JSON.stringify(body) });
    const { value } = /** @type {{ value: any }} */ (await answer.json());
    if (!answer.ok) {
      throw new DriverError(value);
    }
    return value;
  }
}
