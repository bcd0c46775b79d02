// Follows a JSON Schema to what may stand at a place.

/** @typedef {import("./shapes.js").Schema} Schema */
/** @typedef {import("./place.js").Place} Place */

/**
 * The alternatives of a schema, without references and unions; each with what is said about it.
 * @param {Schema} root
 * @param {Schema} schema
 * @param {string} [about]
 * @returns {Schema[]}
 */
export function alternatives(root, schema, about = schema.description) {
  const deeper = (/** @type {Schema} */ one) => alternatives(root, one, one.description ?? about);
  if (schema.$ref) {
    const name = schema.$ref.replace("#/definitions/", "");
    const found = root.definitions?.[name];
    return found ? deeper(found) : [];
  }
  if (schema.allOf) return schema.allOf.flatMap(deeper);
  if (schema.anyOf && !schema.properties) return schema.anyOf.flatMap(deeper);
  return [about === schema.description ? schema : { ...schema, description: about }];
}

/**
 * Keeps the maps that allow all these keys; all of them where none does.
 * @param {Schema[]} found
 * @param {string[]} keys
 */
export function fitting(found, keys) {
  const fit = found.filter((one) => one.properties && keys.every((key) => under(one, key).length));
  return fit.length ? fit : found;
}

/**
 * What may stand at the map, list or value that a place is in.
 * @param {Schema} root
 * @param {Place} place
 * @returns {Schema[]}
 */
export function schemasAt(root, place) {
  let found = alternatives(root, root);
  for (const { key, beside } of place.way) {
    found = key === null
      ? found.flatMap((one) => (one.items ? alternatives(root, one.items) : []))
      : fitting(found, [key, ...beside]).flatMap((one) => under(one, key)).flatMap((one) => alternatives(root, one));
  }
  return unique(found);
}

/**
 * @param {Schema} map
 * @param {string} key
 * @returns {Schema[]}
 */
function under(map, key) {
  const own = map.properties?.[key];
  if (own) return [own];
  for (const [pattern, schema] of Object.entries(map.patternProperties ?? {})) {
    if (new RegExp(pattern).test(key)) return [schema];
  }
  return typeof map.additionalProperties === "object" ? [map.additionalProperties] : [];
}

/** @param {Schema[]} found */
function unique(found) {
  const texts = new Set();
  return found.filter((one) => {
    const text = JSON.stringify(one);
    return !texts.has(text) && texts.add(text);
  });
}

/** @param {Schema} schema */
export const isCondition = (schema) =>
  Array.isArray(schema.type) && schema.type.includes("string") && schema.type.includes("boolean") &&
  !schema.type.includes("number");

/** @param {Schema[]} found */
export const isList = (found) => found.some((one) => one.type === "array");

/** @param {Schema[]} found */
export const isMap = (found) => found.some((one) => one.properties ?? one.additionalProperties);
