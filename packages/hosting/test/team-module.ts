// A module as `colloquy serve` loads it.
import { buildCounter, buildPublisher } from './workflows.ts';

export const counter = buildCounter();
export const publisher = buildPublisher();
export const version = 1;
