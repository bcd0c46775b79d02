// Makes elements. Text is always text: nothing here reads HTML.

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * Makes an element: `on…` are listeners, booleans are properties, all else attributes. A tag may name a class.
 * @param {string} tag
 * @param {Record<string, unknown>} [props]
 * @param {Child[]} children
 * @returns {HTMLElement}
 */
export function el(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) {
    if (typeof value === "function") made.addEventListener(key.slice(2), /** @type {EventListener} */ (value));
    else if (typeof value === "boolean") Reflect.set(made, key, value);
    else if (value !== null && value !== undefined) made.setAttribute(key, String(value));
  }
  made.append(...children.filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}

/**
 * @param {string} text
 * @param {() => void} onclick
 * @param {Record<string, unknown>} [props]
 * @returns {HTMLButtonElement}
 */
export function button(text, onclick, props = {}) {
  return /** @type {HTMLButtonElement} */ (el("button", { type: "button", onclick, ...props }, text));
}

/**
 * @param {Record<string, unknown>} [props]
 * @returns {HTMLInputElement}
 */
export function input(props = {}) {
  return /** @type {HTMLInputElement} */ (el("input", { autocomplete: "off", spellcheck: "false", ...props }));
}

/**
 * A list to choose from; `groups` have a heading each, "" for none.
 * @param {Record<string, [value: string, text: string][]>} groups
 * @param {string} chosen
 * @param {(value: string) => void} onchange
 * @param {Record<string, unknown>} [props]
 * @returns {HTMLSelectElement}
 */
export function select(groups, chosen, onchange, props = {}) {
  const options = (/** @type {[string, string][]} */ pairs) =>
    pairs.map(([value, text]) => el("option", { value, selected: value === chosen }, text));
  const parts = Object.entries(groups).flatMap(([label, pairs]) =>
    label ? [el("optgroup", { label }, ...options(pairs))] : options(pairs),
  );
  const made = /** @type {HTMLSelectElement} */ (el("select", props, ...parts));
  made.addEventListener("change", () => onchange(made.value));
  return made;
}

/**
 * Words a number of things.
 * @param {number} number
 * @param {string} one
 * @param {string} [many]
 */
export function counted(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}

/** @param {string} at */
export function clock(at) {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return today ? time : `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time}`;
}
