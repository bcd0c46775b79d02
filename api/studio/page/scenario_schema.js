// What may stand in a file of scenarios, from the vocabulary and the journey beside it.

/** @typedef {import("./shapes.js").Words} Words */
/** @typedef {import("./shapes.js").Schema} Schema */
/** @typedef {import("./shapes.js").Work} Work */

/**
 * @param {Words} words
 * @param {Work[]} work
 * @param {string} journey
 * @returns {Schema}
 */
export function scenarioSchema(words, work, journey) {
  const lead = leadSchema(words);
  const when = { type: "string", examples: ["2 days", "2 days 1 hour", "day 4 at 7:00"], description: "how long after the beginning" };
  const named = (/** @type {string} */ verb) => work.filter((one) => one.verb === verb).map((one) => one.name);
  const outcomes = [...new Set(work.flatMap((one) => one.outcomes))];
  const event = {
    type: "object",
    properties: {
      at: when,
      event: { type: "string", enum: Object.keys(words.events), description: "something that happens to the lead" },
      call: { type: "string", enum: named("call"), description: "somebody ends this call" },
      task: { type: "string", enum: named("task"), description: "somebody ends this task" },
      outcome: { type: "string", enum: outcomes, description: "how the work ends" },
      set: { type: "object", properties: settable(words), description: "the lead changes" },
      by: { type: "string", enum: ["request"], description: "the journey is begun by request" },
    },
  };
  const scenario = {
    type: "object",
    properties: {
      name: { type: "string", description: "one sentence" },
      lead,
      events: { type: "array", items: event },
      expect: {
        type: "array",
        items: { type: "string", examples: ["day 0 email NAME", "day 2 sms NAME skipped no_consent", "day 9 end NAME"] },
      },
    },
    required: ["name", "expect"],
  };
  return {
    type: "object",
    properties: {
      journey: { type: "string", enum: journey ? [journey] : [], description: "whose scenarios they are" },
      lead,
      scenarios: { type: "array", items: scenario },
    },
  };
}

/**
 * @param {Words} words
 * @returns {Schema}
 */
function leadSchema(words) {
  /** @type {Record<string, Schema>} */
  const fields = {};
  /** @type {Record<string, Schema>} */
  const consent = {};
  for (const [name, field] of Object.entries(words.owners.lead ?? {})) {
    const channel = /^consent\.(\w+)$/.exec(name)?.[1];
    if (channel) consent[channel] = { type: "boolean" };
    else if (name !== "consent") fields[name] = field.values.length ? { type: "string", enum: field.values } : { type: "string" };
  }
  return { type: "object", properties: { ...fields, consent: { type: "object", properties: consent } }, description: "who it is" };
}

/** @param {Words} words */
function settable(words) {
  const owners = Object.entries(words.owners).filter(([owner]) => owner === "lead" || owner === "account");
  return Object.fromEntries(
    owners.flatMap(([owner, fields]) =>
      Object.entries(fields).map(([name, field]) =>
        [`${owner}.${name}`, field.values.length ? { type: "string", enum: field.values } : { type: "string" }]),
    ),
  );
}
