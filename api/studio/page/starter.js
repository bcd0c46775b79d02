// The first lines of a new journey, and another version number.

/** @typedef {import("./shapes.js").Words} Words */

/**
 * A journey that passes `check` wherever there is an event and a template for e-mail.
 * @param {string} name
 * @param {Words} words
 */
export function skeleton(name, words) {
  const events = Object.keys(words.events);
  const event = events.find((one) => /\.(created|started|registered|booked|submitted)$/.test(one)) ?? events[0];
  return [
    `journey: ${name}`,
    "version: 1",
    "about: One sentence for those who read it later.",
    "start:",
    `  event: ${event}`,
    "steps:",
    words.first_email ? `  - email: ${words.first_email}` : "  # - email: the name of a template",
    "  - wait: 2 days",
    "  - end: finished",
    "",
  ].join("\n");
}

/**
 * Writes a version number into a journey.
 * @param {string} text
 * @param {number} version
 */
export function withVersion(text, version) {
  if (/^version:.*$/m.test(text)) return text.replace(/^version:.*$/m, `version: ${version}`);
  return text.replace(/^(journey:.*)$/m, `$1\nversion: ${version}`);
}
