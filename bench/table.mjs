// SPDX-License-Identifier: MIT
export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const format = (number) => {
  if (number === undefined || Number.isNaN(number)) return "-";
  if (Math.abs(number) >= 1000) return Math.round(number).toLocaleString("en").replaceAll(",", " ");
  if (Math.abs(number) >= 10) return number.toFixed(1);
  return number.toFixed(3).replace(/\.?0+$/, "");
};

// The median of the rounds' ratios: what slows a whole round down hits both sides of it.
function paired(bare, dockbell) {
  return Array.isArray(bare) ? median(dockbell.map((value, i) => value / bare[i])) : dockbell / bare;
}

// Rows of: what, reference, measured, ratio, goal. Arrays are shown as medians with their range.
export class Table {
  rows = [];
  notes = [];
  met = true; // every goal until now

  constructor(reference = "bare loop", measured = "dockbell") {
    this.sides = [reference, measured];
  }

  // `goal` is {min} or {max}, on the ratio when both sides are given, else on the measured number.
  add(what, bare, dockbell, goal) {
    const [b, d] = [bare, dockbell].map((v) => (Array.isArray(v) ? median(v) : v));
    const ratio = b === undefined || d === undefined ? undefined : paired(bare, dockbell);
    const judged = ratio ?? d;
    const met = !goal || (goal.min === undefined || judged >= goal.min) && (goal.max === undefined || judged <= goal.max);
    this.met &&= met;
    const wanted = goal ? (goal.min !== undefined ? `>= ${goal.min}` : `<= ${goal.max}`) : "";
    this.rows.push([what, show(bare), show(dockbell), ratio === undefined ? "" : ratio.toFixed(2), wanted, goal ? (met ? "yes" : "NO") : ""]);
  }

  note(text) {
    this.notes.push(text);
  }

  print() {
    const all = [["", ...this.sides, "ratio", "goal", "met"], ...this.rows];
    const widths = all[0].map((_, i) => Math.max(...all.map((row) => row[i].length)));
    for (const row of all)
      console.log(row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join("  ").trimEnd());
    for (const note of this.notes) console.log(note);
  }
}

function show(value) {
  if (value === undefined) return "-";
  if (!Array.isArray(value)) return format(value);
  const middle = format(median(value));
  return value.length > 1 ? `${middle} (${format(Math.min(...value))}-${format(Math.max(...value))})` : middle;
}
