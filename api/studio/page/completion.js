// What the editor offers at the cursor: keys and values by the schema, names inside conditions.

import { inCondition, inValue } from "./conditions.js";
import { placeAt } from "./place.js";
import { alternatives, fitting, isCondition, isList, isMap, schemasAt } from "./schema.js";

/** @typedef {import("./shapes.js").Words} Words */
/** @typedef {import("./shapes.js").Schema} Schema */
/** @typedef {import("./shapes.js").Fields} Fields */
/** @typedef {import("./place.js").Place} Place */
/** @typedef {import("./conditions.js").Offer} Offer */
/** @typedef {import("./conditions.js").Offers} Offers */

const EVENT_OF = /\b(?:event|wait_for|restart_on):\s*["']?([\w.]+)/;

/**
 * @param {Words} words
 * @param {Schema} schema
 * @param {string} text
 * @param {number} position
 * @returns {Offers}
 */
export function offersAt(words, schema, text, position) {
  if (/(^|\s)#[^\n"']*$/.test(text.slice(text.lastIndexOf("\n", position - 1) + 1, position))) return null;
  const place = placeAt(text, position);
  const found = schemasAt(schema, place);
  if (place.kind === "value" && place.way.length) return valueOffers(words, found, text, place);
  if (isList(found) && !place.flow) return { from: place.from, offers: itemOffers(schema, found, place) };
  const offers = [...keyOffers(schema, found, place), ...wordOffers(found, place.beside.length > 0)];
  return { from: place.from, offers };
}

/**
 * @param {Schema} root
 * @param {Schema[]} found
 * @param {Place} place
 * @returns {Offer[]}
 */
function keyOffers(root, found, place) {
  const maps = fitting(found.filter((one) => one.properties), place.beside);
  const first = place.beside.length === 0 && maps.length > 1;
  /** @type {Map<string, Offer>} */
  const offers = new Map();
  for (const map of maps) {
    for (const [label, schema] of Object.entries(map.properties ?? {})) {
      const needed = map.required?.includes(label) ?? false;
      if (place.beside.includes(label) || offers.has(label) || (first && !needed)) continue;
      const inner = alternatives(root, schema);
      offers.set(label, {
        label,
        kind: "property",
        info: inner.find((one) => one.description)?.description,
        apply: keyText(label, inner, place),
        boost: needed ? 2 : 0,
      });
    }
  }
  return [...offers.values()];
}

/**
 * Writes a key with the beginning of what comes behind it.
 * @param {string} key
 * @param {Schema[]} inner
 * @param {Place} place
 */
function keyText(key, inner, place) {
  const blank = " ".repeat(place.column + 2);
  const scalar = inner.some((one) => one.enum || one.const !== undefined || scalarType(one));
  if (place.flow || scalar) return `${key}: `;
  if (isList(inner)) return `${key}:\n${blank}- `;
  return isMap(inner) ? `${key}:\n${blank}` : `${key}: `;
}

/** @param {Schema} one */
const scalarType = (one) => one.type !== undefined && one.type !== "array" && one.type !== "object" && one.const !== "go_on";

/**
 * @param {Schema} root
 * @param {Schema[]} found
 * @param {Place} place
 * @returns {Offer[]}
 */
function itemOffers(root, found, place) {
  const items = found.flatMap((one) => (one.items ? alternatives(root, one.items) : []));
  const deeper = { ...place, column: place.column + 2, beside: [] };
  const offers = [...keyOffers(root, items, deeper), ...wordOffers(items, false)];
  return offers.map((one) => ({ ...one, apply: `- ${one.apply ?? one.label}` }));
}

/**
 * @param {Words} words
 * @param {Schema[]} found
 * @param {string} text
 * @param {Place} place
 * @returns {Offers}
 */
function valueOffers(words, found, text, place) {
  if (found.some(isCondition)) return inCondition(words, place.typed, place.from, eventFields(words, text, place));
  const offers = wordOffers(found, false);
  if (offers.length) return { from: place.from, offers };
  const free = found.some((one) => !one.enum && one.const === undefined);
  if (!free || !/[a-z_]+\.[\w.]*$/.test(place.typed)) return null;
  return inValue(words, place.typed, place.from, eventFields(words, text, place));
}

/**
 * @param {Schema[]} found
 * @param {boolean} keysOnly
 * @returns {Offer[]}
 */
function wordOffers(found, keysOnly) {
  if (keysOnly) return [];
  /** @type {Map<string, Offer>} */
  const offers = new Map();
  for (const one of found) {
    const fixed = [...(one.enum ?? []), ...(one.const !== undefined ? [String(one.const)] : [])];
    const yes = one.type === "boolean" ? ["true", "false"] : [];
    for (const label of [...fixed, ...yes]) offers.set(label, { label, kind: "enum", info: one.description });
    for (const label of one.examples ?? []) offers.set(label, { label, kind: "text", detail: "like" });
  }
  return [...offers.values()];
}

/**
 * The fields that `event.` and `start.` may have at a place.
 * @param {Words} words
 * @param {string} text
 * @param {Place} place
 * @returns {Record<string, Fields>}
 */
function eventFields(words, text, place) {
  const before = text.slice(0, place.from).split("\n").slice(-6).reverse();
  const near = before.map((line) => EVENT_OF.exec(line)?.[1]).find((name) => name && words.events[name]);
  const head = text.split(/^(?:steps|stages):/m)[0];
  const started = [...head.matchAll(/\bevent:\s*["']?([\w.]+)/g)].map((found) => found[1]);
  const start = Object.assign({}, ...started.map((name) => words.events[name] ?? {}));
  return { event: near ? words.events[near] : start, start };
}
