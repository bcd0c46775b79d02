// The form of the lead that is played: who it is, how the run begins, what happens then.

import { el, input, select } from "./dom.js";
import { Happenings } from "./happenings.js";
import { Pairs } from "./pairs.js";

/** @typedef {import("./shapes.js").Words} Words */
/** @typedef {import("./shapes.js").Checked} Checked */
/** @typedef {import("./shapes.js").Fields} Fields */
/** @typedef {import("./shapes.js").JsonMap} JsonMap */
/** @typedef {import("./shapes.js").Lead} Lead */

const CHANNELS = /^consent\.(\w+)$/;
const DATED = /^\d{4}-\d\d-\d\d/;
/** @type {JsonMap} */
const SOMEBODY = { first_name: "Ana", email: "ana@example.com", phone: "+34600111222", score: 50 };

export class LeadForm {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Words | null} */
    this.words = null;
    /** @type {Set<string>} */
    this.reachable = new Set();
    /** @type {string} */
    this.starts = "";
    this.begin = "";
    this.attributes = new Pairs({ add: "Add an attribute", what: "Attribute", onChange });
    this.details = new Pairs({ add: "Add a detail", what: "Detail of the first event", onChange });
    this.happenings = new Happenings(onChange);
    this.consents = el("div.consents");
    this.how = el("div.begin");
    this.at = input({ type: "datetime-local", "aria-label": "When it begins" });
    this.at.addEventListener("input", onChange);
    this.fault = el("p.fault", { role: "alert", hidden: true });
    this.element = el("div.lead", {},
      el("fieldset", {}, el("legend", {}, "Who it is"), this.attributes.element,
        el("p.caption", {}, "May be written to or called by"), this.consents, this.fault),
      el("fieldset", {}, el("legend", {}, "How it begins"), this.how, this.details.element,
        el("p.hint", {}, "Without a time it is Monday 5 January 2026, 10:00.")),
      el("fieldset", {}, el("legend", {}, "What happens then"), this.happenings.element),
    );
  }

  /**
   * @param {Words} words
   * @param {Checked} checked
   */
  know(words, checked) {
    const first = this.words !== words;
    this.words = words;
    const starts = JSON.stringify(checked.starts);
    this.happenings.know(words, checked.work);
    if (starts !== this.starts) this.drawBegin(checked);
    this.starts = starts;
    if (first) this.show({ lead: { ...SOMEBODY, consent: { email: true, sms: true, call: true } }, events: [] });
  }

  /** @param {Lead} lead */
  show({ lead, events }) {
    const words = /** @type {Words} */ (this.words);
    const { consent, ...rest } = lead;
    const allowed = typeof consent === "object" && consent !== null ? Object.entries(consent) : [];
    this.reachable = new Set(allowed.filter(([, yes]) => yes === true).map(([channel]) => channel));
    const fields = Object.entries(words.owners.lead ?? {}).filter(([name]) => !/^consent(\.|$)/.test(name));
    this.attributes.show(Object.fromEntries(fields), rest);
    this.drawConsents(words.owners.lead ?? {});
    const [head, ...later] = events;
    const begins = head && ("by" in head || (typeof head.event === "string" && DATED.test(String(head.at ?? "2026-"))));
    this.showBegin(begins ? head : {});
    this.happenings.show(begins ? later : events);
  }

  /** @returns {Lead} */
  value() {
    const consent = Object.fromEntries([...this.reachable].map((channel) => [channel, true]));
    const lead = { ...this.attributes.values(), ...(this.reachable.size ? { consent } : {}) };
    const begin = this.beginning();
    return { lead, events: [...(begin ? [begin] : []), ...this.happenings.values()] };
  }

  /** @param {import("./shapes.js").LeadFault[]} faults */
  complain(faults) {
    const offset = this.beginning() ? 1 : 0;
    for (const one of this.element.querySelectorAll(".fault")) Reflect.set(one, "hidden", true);
    for (const { event, message, suggestion } of faults) {
      const row = event !== null && event >= offset ? this.happenings.rowOf(event - offset) : null;
      const place = row?.querySelector(".fault") ?? this.fault;
      place.textContent = [message, suggestion].filter(Boolean).join(": ");
      Reflect.set(place, "hidden", false);
    }
  }

  /** @param {Fields} fields */
  drawConsents(fields) {
    const channels = Object.keys(fields).map((name) => CHANNELS.exec(name)?.[1]).filter((one) => one !== undefined);
    this.consents.replaceChildren(...channels.map((channel) => {
      const box = input({ type: "checkbox", checked: this.reachable.has(channel) });
      box.addEventListener("change", () => {
        if (box.checked) this.reachable.add(channel);
        else this.reachable.delete(channel);
        this.onChange();
      });
      return el("label.check", {}, box, channel.replace("_", " "));
    }));
  }

  /** @param {Checked} checked */
  drawBegin(checked) {
    const choices = checked.starts.map((one) =>
      /** @type {[string, string]} */ ([one.event ?? `by:${one.on}`, one.on === "request" ? "by request" : one.name]));
    const usual = /** @type {[string, string]} */ (["", choices.length === 1 ? `as it says: ${choices[0][1]}` : "its first way in"]);
    const chosen = select({ "": [usual, ...choices.filter(([value]) => /^by:request$|\./.test(value))] }, this.begin, (value) => {
      this.begin = value;
      this.details.show(this.beginFields(), {});
      this.onChange();
    }, { "aria-label": "What begins it" });
    this.how.replaceChildren(chosen, this.at);
  }

  /** @param {JsonMap} head */
  showBegin(head) {
    const { event, by, at, ...fields } = head;
    this.begin = typeof event === "string" ? event : by ? "by:request" : "";
    const time = /^(\d{4}-\d\d-\d\d)(?: at (\d{1,2}:\d\d))?/.exec(String(at ?? ""));
    this.at.value = time ? `${time[1]}T${(time[2] ?? "10:00").padStart(5, "0")}` : "";
    const chosen = this.how.querySelector("select");
    if (chosen) chosen.value = this.begin;
    this.details.show(this.beginFields(), fields);
  }

  beginFields() {
    return this.words?.events[this.begin] ?? {};
  }

  /** @returns {JsonMap | null} */
  beginning() {
    const [day, time] = this.at.value.split("T");
    /** @type {JsonMap} */
    const at = day ? { at: `${day} at ${time.replace(/^0/, "")}` } : {};
    if (this.begin.startsWith("by:")) return { by: "request", ...at, ...this.details.values() };
    const event = this.begin || (day ? this.firstEvent() : "");
    return event ? { event, ...at, ...this.details.values() } : null;
  }

  /** The event of the first way in. */
  firstEvent() {
    /** @type {{ event: string | null }[]} */
    const starts = JSON.parse(this.starts || "[]");
    return starts.find((one) => one.event)?.event ?? "";
  }
}
