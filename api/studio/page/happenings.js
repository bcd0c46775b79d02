// What happens to the lead while the journey runs: a row an event.

import { button, el, input, select } from "./dom.js";
import { Pairs } from "./pairs.js";

/** @typedef {import("./shapes.js").Words} Words */
/** @typedef {import("./shapes.js").Work} Work */
/** @typedef {import("./shapes.js").JsonMap} JsonMap */

const RESERVED = ["at", "event", "call", "task", "outcome", "set", "by"];

export class Happenings {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Words | null} */
    this.words = null;
    /** @type {Work[]} */
    this.work = [];
    /** @type {JsonMap[]} */
    this.events = [];
    this.list = el("ol.happenings");
    const add = button("Add an event", () => this.add(), { class: "small" });
    this.element = el("div", {}, this.list, add);
  }

  /**
   * @param {Words} words
   * @param {Work[]} work
   */
  know(words, work) {
    const same = this.words === words && JSON.stringify(work) === JSON.stringify(this.work);
    this.words = words;
    this.work = work;
    if (!same) this.draw();
  }

  /** @param {JsonMap[]} events */
  show(events) {
    this.events = structuredClone(events);
    this.draw();
  }

  /** Those that are whole. */
  values() {
    return this.events.filter((one) => one.at && kindOf(one) !== "");
  }

  /** The row of each of `values()`, for what is wrong in it. @param {number} index */
  rowOf(index) {
    const one = this.values()[index];
    return this.list.children[this.events.indexOf(one)] ?? null;
  }

  add() {
    this.events.push({ at: "2 days" });
    this.draw();
    /** @type {HTMLElement | null} */ (this.list.querySelector("li:last-child input"))?.focus();
  }

  draw() {
    if (this.words) this.list.replaceChildren(...this.events.map((one, index) => this.row(one, index)));
  }

  /**
   * @param {JsonMap} event
   * @param {number} index
   */
  row(event, index) {
    const when = input({ value: String(event.at ?? ""), "aria-label": "When, counted from the beginning", placeholder: "2 days", class: "when" });
    when.addEventListener("input", () => {
      event.at = when.value.trim();
      this.onChange();
    });
    const what = select(this.choices(event), kindOf(event), (value) => {
      this.events[index] = { at: event.at ?? "", ...made(value) };
      this.draw();
      this.onChange();
    }, { "aria-label": "What happens" });
    const remove = () => {
      this.events.splice(index, 1);
      this.draw();
      this.onChange();
    };
    return el("li", {},
      el("span", {}, "after"), when, button("×", remove, { class: "remove", "aria-label": "Remove this event" }), what,
      this.details(event), el("p.fault", { role: "alert", hidden: true }),
    );
  }

  /**
   * @param {JsonMap} event
   * @returns {Record<string, [string, string][]>}
   */
  choices(event) {
    const words = /** @type {Words} */ (this.words);
    const ends = this.work.flatMap((one) =>
      one.outcomes.map((code) => /** @type {[string, string]} */ ([`${one.verb}:${one.name}:${code}`, `${one.name}: ${code}`])));
    const kind = kindOf(event);
    const known = kind === "" || kind === "set" || kind.startsWith("event:") || ends.some(([value]) => value === kind);
    return {
      "": [["", "choose what happens…"], ["set", "the lead changes"]],
      ...(known ? {} : { "As written": [[kind, kind.split(":").slice(1).join(": ") || JSON.stringify(event)]] }),
      ...(ends.length ? { "Somebody ends a call or task": ends } : {}),
      "An event": Object.keys(words.events).sort().map((name) => [`event:${name}`, name]),
    };
  }

  /** @param {JsonMap} event */
  details(event) {
    const words = /** @type {Words} */ (this.words);
    const change = "set" in event;
    if (!change && typeof event.event !== "string") return null;
    const pairs = new Pairs({
      add: change ? "Add a change" : "Add a detail",
      what: change ? "Attribute" : "Detail",
      onChange: () => {
        if (change) event.set = pairs.values();
        else {
          for (const name of Object.keys(event)) if (!RESERVED.includes(name)) delete event[name];
          Object.assign(event, pairs.values());
        }
        this.onChange();
      },
    });
    if (change) {
      const owned = ["lead", "account"].flatMap((owner) =>
        Object.entries(words.owners[owner] ?? {}).map(([name, field]) => [`${owner}.${name}`, field]));
      pairs.show(Object.fromEntries(owned), /** @type {JsonMap} */ (event.set ?? {}));
    } else {
      const own = Object.entries(event).filter(([name]) => !RESERVED.includes(name));
      pairs.show(words.events[String(event.event)] ?? {}, Object.fromEntries(own));
    }
    return pairs.element;
  }
}

/** @param {JsonMap} event */
function kindOf(event) {
  if (typeof event.event === "string") return `event:${event.event}`;
  for (const verb of ["call", "task"]) {
    if (typeof event[verb] === "string") return `${verb}:${event[verb]}:${event.outcome ?? ""}`;
  }
  if ("set" in event) return "set";
  return Object.keys(event).length > 1 ? "other" : "";
}

/**
 * @param {string} kind
 * @returns {JsonMap}
 */
function made(kind) {
  const [verb, name, outcome] = kind.split(":");
  if (verb === "event") return { event: name };
  if (verb === "call" || verb === "task") return { [verb]: name, outcome };
  return verb === "set" ? { set: {} } : {};
}
