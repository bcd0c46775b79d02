// Which step a line of the journey belongs to.

/** @typedef {import("./shapes.js").Step} Step */

/**
 * The innermost step around a line: one that begins in it, or above it further to the left.
 * @param {string} text
 * @param {Step[]} steps  In the order of their lines.
 * @param {number} line  Counted from 1.
 * @returns {Step | undefined}
 */
export function stepAt(text, steps, line) {
  const lines = text.split("\n");
  const depth = (/** @type {number} */ number) => {
    const found = lines[number - 1] ?? "";
    return found.trim() ? found.length - found.trimStart().length : Infinity;
  };
  const here = depth(line);
  let within = here;
  for (let number = line; number >= 1; number -= 1) {
    const column = depth(number);
    if (number !== line && column >= within) continue;
    const begins = steps.filter((one) => one.line === number);
    if (begins.length) return begins[0];
    if (number !== line) within = column;
    if (column === 0) return undefined;
  }
  return undefined;
}
