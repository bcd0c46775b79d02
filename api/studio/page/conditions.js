// What may be written inside conditions and values: names of facts, functions, names in quotes.

/** @typedef {import("./shapes.js").Words} Words */
/** @typedef {import("./shapes.js").Fields} Fields */
/** @typedef {{ label: string, detail?: string, info?: string, apply?: string, kind: string, boost?: number }} Offer */
/** @typedef {{ from: number, offers: Offer[] } | null} Offers */

const OPERATORS = ["and", "or", "not", "is", "is not", "is known", "is not known", "in", "not in", "contains"];
const IN_QUOTES = /(\w+)\(["']([\w.]*)$/;
const COMPARED = /([\w.]+) (?:is not|is|in) \[?(?:["'][^"']*["'], ?)*(["']?)([\w ]*)$/;

/**
 * Offers for a condition of which `typed` is written, beginning at `from`.
 * @param {Words} words
 * @param {string} typed
 * @param {number} from
 * @param {Record<string, Fields>} events  The fields that `event` and `start` have here.
 * @returns {Offers}
 */
export function inCondition(words, typed, from, events) {
  const quoted = IN_QUOTES.exec(typed);
  if (quoted) return named(words, quoted[1], from + typed.length - quoted[2].length);
  const compared = COMPARED.exec(typed);
  const values = compared ? valuesOf(words, events, compared[1]) : [];
  if (compared && values.length) {
    const quote = compared[2] || '"';
    const offers = values.map((label) => ({ label, kind: "constant", apply: `${quote}${label}${quote}` }));
    return { from: from + typed.length - compared[3].length - compared[2].length, offers };
  }
  return inValue(words, typed, from, events, OPERATORS);
}

/**
 * Offers for the name that is being typed at the end of a value.
 * @param {Words} words
 * @param {string} typed
 * @param {number} from
 * @param {Record<string, Fields>} events
 * @param {string[]} more
 * @returns {Offers}
 */
export function inValue(words, typed, from, events, more = []) {
  const name = /[\w.]*$/.exec(typed)?.[0] ?? "";
  const owners = { ...words.owners, ...events };
  const [owner, inner] = name.includes(".") ? [name.slice(0, name.indexOf(".")), true] : ["", false];
  const begin = from + typed.length - name.length;
  if (inner) return owners[owner] ? { from: begin, offers: fieldsOf(owner, owners[owner]) } : null;
  const roots = Object.entries(owners).flatMap(([root, fields]) => fieldsOf(root, fields));
  const functions = Object.entries(words.functions).map(([label, example]) => ({
    label, kind: "function", detail: example, apply: example.slice(0, example.indexOf("(") + 1),
  }));
  return { from: begin, offers: [...roots, ...functions, ...more.map((label) => ({ label, kind: "keyword" }))] };
}

/**
 * @param {string} owner
 * @param {Fields} fields
 * @returns {Offer[]}
 */
function fieldsOf(owner, fields) {
  return Object.entries(fields).map(([name, field]) => ({
    label: `${owner}.${name}`,
    kind: "property",
    detail: field.values.length ? field.values.join(", ") : field.type.replace("_", " or "),
    info: field.pii ? "personal data" : undefined,
    boost: owner === "lead" ? 1 : 0,
  }));
}

/**
 * @param {Words} words
 * @param {Record<string, Fields>} events
 * @param {string} name
 */
function valuesOf(words, events, name) {
  const [owner, ...rest] = name.split(".");
  const field = ({ ...words.owners, ...events })[owner]?.[rest.join(".")];
  return field?.type === "yes_no" ? [] : (field?.values ?? []);
}

/**
 * @param {Words} words
 * @param {string} asked
 * @param {number} from
 * @returns {Offers}
 */
function named(words, asked, from) {
  const channels = Object.keys(words.owners.lead ?? {})
    .filter((name) => name.startsWith("consent.")).map((name) => name.slice("consent.".length));
  /** @type {Record<string, string[]>} */
  const names = {
    did: Object.keys(words.events), times: Object.keys(words.events), last: Object.keys(words.events),
    queue_open: Object.keys(words.queues), can_reach: channels,
  };
  return names[asked] ? { from, offers: names[asked].map((label) => ({ label, kind: "enum" })) } : null;
}
