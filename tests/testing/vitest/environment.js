/** What jsdom has not, and Node has: a Blob that can be read as a stream. */

import { Blob } from 'node:buffer';

globalThis.Blob = Blob;
