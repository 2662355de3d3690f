/** Why cases of MQTT.js's suite do not pass, in a sentence each. */

/** What there is, and whether a program in a browser could meet it. @type {Record<string, { browser: boolean }>} */
export const KINDS = {
  'no-browser': { browser: false },
  private: { browser: false },
  forbidden: { browser: false },
  differs: { browser: true },
};

/** @type {{ case: string, kind: keyof typeof KINDS, because: string, protocol?: string, file?: string, always?: boolean }[]} */
export const REASONS = [];
