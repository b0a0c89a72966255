// SPDX-License-Identifier: MIT
// Random numbers that the seed decides (mulberry32), so that a failed run can be run again.
export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  // A number from 0 up to, but not including, 1.
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  // A whole number from `from` to `to`, both included.
  between(from, to) {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  hex(digits) {
    let text = "";
    while (text.length < digits) text += Math.floor(this.next() * 16).toString(16);
    return text;
  }

  shuffle(list) {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.between(0, i);
      [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
  }
}
