/**
 * Whether the one who leads takes in what it is told: a page whose thread hangs keeps its lock. It is asked where something
 * waits for it, and robbed where it does not answer; where nothing waits, nothing is done. It does not know what is told.
 */

import { ownerOf } from '../port/owner.js';

/** Milliseconds in which what was said may be answered by itself; and in which who is asked answers. */
const SILENCE = 1_500;
const PATIENCE = 3_500;

/** A timer that comes so late is that of a page that hung, or slept, as the one who leads may have. */
const LATE = 2_000;

/** One time that it is doubted. */
interface Round {
  asked: boolean;
  /** Another page was about to take its place. */
  missed: boolean;
}

export interface Doubted {
  /** Is it there? To be answered. `again`: it may be another one. */
  ask(again: boolean): void;
  /** All that has come to this page is heard. */
  caughtUp(): Promise<void>;
  /** Takes its place. Resolves when it is taken. */
  rob(client: string): Promise<void>;
}

export class Doubt {
  readonly #group: string;
  readonly #told: Doubted;
  /** Undefined where there is none, and where nothing else is known of who leads: there are no locks. */
  readonly #locks = globalThis.navigator?.locks as LockManager | undefined;
  #round: Round | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(group: string, told: Doubted) {
    this.#group = group;
    this.#told = told;
  }

  /** Something is said to it that it has to take in. */
  expect(): void {
    if (this.#locks && !this.#round) {
      const round = this.#begin();
      this.#wait(SILENCE, () => this.#ask(round));
    }
  }

  /** Asked at once. */
  look(): void {
    if (this.#locks) {
      this.#ask(this.#begin());
    }
  }

  /** It is there. */
  answered(): void {
    clearTimeout(this.#timer);
    this.#round = undefined;
  }

  #begin(): Round {
    clearTimeout(this.#timer);
    this.#round = { asked: false, missed: false };
    return this.#round;
  }

  #wait(time: number, next: (late: boolean) => void): void {
    const due = Date.now() + time;
    this.#timer = setTimeout(() => next(Date.now() - due > LATE), time);
  }

  #ask(round: Round): void {
    const asking = async (): Promise<void> => {
      const client = await ownerOf(this.#group);
      if (round === this.#round) {
        this.#told.ask(round.asked);
        round.asked = true;
        this.#wait(PATIENCE, (late) => (late ? this.#ask(round) : this.#judge(round, client)));
      }
    };
    asking().catch(() => {});
  }

  /** It has not answered. One page at a time takes its place. */
  #judge(round: Round, client: string | undefined): void {
    const judging = async (): Promise<void> => {
      await this.#told.caughtUp();
      const isIt = async (): Promise<boolean> =>
        client !== undefined && client === (await ownerOf(this.#group)) && round === this.#round;
      // One that hangs while it does is robbed of that, too.
      const how = round.missed ? { steal: true } : { ifAvailable: true };
      await this.#locks?.request(`${this.#group} robbed`, how, async (lock) => {
        round.missed = !lock;
        if (lock && (await isIt())) {
          this.answered();
          await this.#told.rob(client as string);
        }
      });
      if (round === this.#round) {
        // Another one leads, and has not said so; or another page is about to.
        this.#ask(round);
      }
    };
    judging().catch(() => {});
  }
}
