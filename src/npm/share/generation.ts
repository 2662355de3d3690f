/**
 * The time of a group between two moments in which all its pages were closed at once: a page in the back/forward cache finds
 * out by it, where a page has storage.
 */

import { unique } from './names.js';

/** Undefined where the page cannot know. */
export function generationOf(group: string): string | null | undefined {
  try {
    return localStorage.getItem(group);
  } catch {
    return undefined;
  }
}

/** All pages are closed. */
export function renew(group: string): void {
  try {
    localStorage.setItem(group, unique());
  } catch {
    // A page without storage: those that are in the cache do not find out.
  }
}
