// Tabs: arrows move between them, one panel is shown. Without panels, a choice of one.

import { el } from "./dom.js";

/** @template {string} Name */
export class Tabs {
  /**
   * @param {string} label
   * @param {Record<Name, string>} names
   * @param {(name: Name) => void} onChoose
   * @param {boolean} [panels]
   */
  constructor(label, names, onChoose, panels = true) {
    this.onChoose = onChoose;
    this.names = /** @type {Name[]} */ (Object.keys(names));
    this.chosen = this.names[0];
    this.panels = /** @type {Record<Name, HTMLElement>} */ ({});
    this.tabs = this.names.map((name) => el("button", {
      type: "button", role: panels ? "tab" : "radio", onclick: () => this.choose(name, true),
    }, names[name]));
    this.bar = el(panels ? "div.tabs" : "div.choice", { role: panels ? "tablist" : "radiogroup", "aria-label": label }, ...this.tabs);
    if (panels) for (const name of this.names) this.panels[name] = el("div.panel", { role: "tabpanel", "aria-label": names[name] });
    this.bar.addEventListener("keydown", (event) => this.pressed(event));
    this.draw();
  }

  /** @param {Name} name @param {boolean} [tell] */
  choose(name, tell = false) {
    const other = name !== this.chosen;
    this.chosen = name;
    this.draw();
    if (tell && other) this.onChoose(name);
  }

  draw() {
    this.names.forEach((name, index) => {
      const here = name === this.chosen;
      const tab = this.tabs[index];
      tab.setAttribute(tab.getAttribute("role") === "tab" ? "aria-selected" : "aria-checked", String(here));
      tab.setAttribute("tabindex", here ? "0" : "-1");
      if (this.panels[name]) this.panels[name].hidden = !here;
    });
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    const index = (this.names.indexOf(this.chosen) + move + this.names.length) % this.names.length;
    this.tabs[index].focus();
    this.choose(this.names[index], true);
    event.preventDefault();
  }
}
