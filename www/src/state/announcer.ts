/**
 * What a screen reader is told without being asked: only what changes the picture, never single messages.
 * It does not know how it is spoken.
 */
import { signal } from '@preact/signals';

export const announcement = signal('');

export function announce(text: string): void {
  announcement.value = text;
}
