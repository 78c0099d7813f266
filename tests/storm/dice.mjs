// dice.mjs: chance that falls the same way for the same seed.
// SPDX-License-Identifier: Apache-2.0

export class Dice {
    constructor(seed) {
        this.at = seed >>> 0;
    }

    /** From 0 to 1 (mulberry32). */
    roll() {
        this.at = (this.at + 0x6d2b79f5) >>> 0;
        let t = Math.imul(this.at ^ (this.at >>> 15), this.at | 1);
        t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    }

    /** One of [weight, what]. */
    choose(choices) {
        let at = this.roll() * choices.reduce((sum, [weight]) => sum + weight, 0);
        return choices.find(([weight]) => (at -= weight) < 0)?.[1] ?? choices[0][1];
    }
}
