// Rows of a name and a value: the attributes of a lead, the fields of an event.

import { button, el, input, select } from "./dom.js";

/** @typedef {import("./shapes.js").Field} Field */
/** @typedef {import("./shapes.js").Fields} Fields */
/** @typedef {import("./shapes.js").Json} Json */
/** @typedef {import("./shapes.js").JsonMap} JsonMap */

export class Pairs {
  /**
   * @param {object} options
   * @param {string} options.add  What the button says.
   * @param {string} options.what  What a row is, for those who hear it.
   * @param {() => void} options.onChange
   */
  constructor({ add, what, onChange }) {
    this.what = what;
    this.onChange = onChange;
    /** @type {Fields} */
    this.fields = {};
    /** @type {[name: string, value: Json][]} */
    this.rows = [];
    this.list = el("ul.pairs");
    this.adder = button(add, () => this.add(), { class: "small" });
    this.element = el("div", {}, this.list, this.adder);
  }

  /**
   * @param {Fields} fields  What may be named.
   * @param {JsonMap} values
   */
  show(fields, values) {
    this.fields = fields;
    this.rows = Object.entries(values);
    this.draw();
  }

  /** @returns {JsonMap} */
  values() {
    return Object.fromEntries(this.rows.filter(([name, value]) => name && value !== ""));
  }

  add() {
    const free = Object.keys(this.fields).find((name) => !this.rows.some(([other]) => other === name));
    this.rows.push([free ?? "", ""]);
    this.draw();
    /** @type {HTMLElement | null} */ (this.list.querySelector("li:last-child select, li:last-child input"))?.focus();
  }

  draw() {
    this.adder.hidden = !Object.keys(this.fields).length;
    this.list.replaceChildren(...this.rows.map((_, index) => this.row(index)));
  }

  /** @param {number} index */
  row(index) {
    const [name, value] = this.rows[index];
    const set = (/** @type {string} */ key, /** @type {Json} */ now) => {
      this.rows[index] = [key, now];
      this.onChange();
    };
    const names = [...new Set([...(name ? [name] : []), ...Object.keys(this.fields)])];
    const chosen = select({ "": names.map((one) => [one, label(one)]) }, name, (now) => {
      set(now, "");
      this.draw();
    }, { "aria-label": this.what });
    const remove = () => {
      this.rows.splice(index, 1);
      this.draw();
      this.onChange();
    };
    return el("li", {},
      chosen,
      valueInput(this.fields[name], value, label(name), (now) => set(name, now)),
      button("×", remove, { class: "remove", "aria-label": `Remove ${label(name)}` }),
    );
  }
}

/**
 * What a field may take, to be chosen or typed.
 * @param {Field | undefined} field
 * @param {Json} value
 * @param {string} name
 * @param {(value: Json) => void} onChange
 */
export function valueInput(field, value, name, onChange) {
  const text = shown(value);
  if (field?.type === "yes_no") {
    const choices = /** @type {[string, string][]} */ ([["", "…"], ["true", "yes"], ["false", "no"]]);
    return select({ "": choices }, text, (now) => onChange(now === "" ? "" : now === "true"), { "aria-label": name });
  }
  if (field?.values.length && field.type !== "list") {
    const choices = /** @type {[string, string][]} */ (["", ...field.values].map((one) => [one, one || "…"]));
    return select({ "": choices }, text, (now) => onChange(typed(field, now)), { "aria-label": name });
  }
  const made = input({ value: text, "aria-label": name, placeholder: PLACEHOLDERS[field?.type ?? ""] ?? "" });
  made.addEventListener("input", () => onChange(typed(field, made.value)));
  return made;
}

/** @type {Record<string, string>} */
const PLACEHOLDERS = {
  number: "a number", time: "2026-01-05T10:00:00+01:00", date: "2026-01-05", list: "one, two, three",
};

/**
 * @param {Field | undefined} field
 * @param {string} text
 * @returns {Json}
 */
function typed(field, text) {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  if (field?.type === "number") return Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
  if (field?.type === "list") return trimmed.split(",").map((one) => one.trim()).filter(Boolean);
  return trimmed;
}

/**
 * @param {Json} value
 * @returns {string}
 */
function shown(value) {
  if (value === null) return "";
  if (Array.isArray(value)) return value.map(shown).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** @param {string} name */
const label = (name) => name.replaceAll("_", " ");
