/** What a page loads that has its session stored, and no other. */

export { Keeper } from './session/keeper.js';
