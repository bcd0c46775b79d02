// The scenarios beside the journey: which go as expected, and where one parted.

import { button, el } from "./dom.js";
import { logTable } from "./log.js";

/** @typedef {import("./shapes.js").Scenarios} All */
/** @typedef {import("./shapes.js").Scenario} Scenario */

export class ScenarioList {
  /**
   * @param {object} options
   * @param {(line: import("./shapes.js").LogLine) => void} options.onStep
   * @param {(line: number) => void} options.onLine  A line of the file of scenarios.
   * @param {(scenario: Scenario) => void} options.onPlay
   */
  constructor(options) {
    this.options = options;
    /** @type {Set<string>} */
    this.unfolded = new Set();
    this.element = el("div.scenarios");
  }

  /** @param {All} all */
  show(all) {
    if (!all.scenarios.length) {
      this.element.replaceChildren(el("p.empty", {},
        "There are no scenarios yet. Write them in the tab Scenarios: a lead, what happens to it, and what is expected."));
      return;
    }
    this.element.replaceChildren(this.summary(all), el("ul", {}, ...all.scenarios.map((one) => this.item(one))),
      ...(all.coverage === null ? [] : [this.missing(all, all.coverage)]));
  }

  /** @param {All} all */
  summary(all) {
    const known = all.scenarios.filter((one) => one.passed !== null);
    const failed = known.filter((one) => !one.passed).length;
    const text = !known.length
      ? "They are played once journey and scenarios have no mistakes."
      : failed ? `${failed} of ${known.length} go otherwise than expected.` : `All ${known.length} go as expected.`;
    return el(failed ? "p.verdict.bad" : known.length ? "p.verdict" : "p.verdict.unknown", { role: "status" }, text);
  }

  /** @param {Scenario} scenario */
  item(scenario) {
    const mark = scenario.passed === null ? "·" : scenario.passed ? "✓" : "✗";
    const open = this.unfolded.has(scenario.name) || scenario.passed === false;
    const details = el("details", { open },
      el("summary", {}, el("span.mark", { "aria-hidden": "true" }, mark), scenario.name),
      scenario.difference && el("p.fault", {},
        button(`line ${scenario.line}`, () => this.options.onLine(scenario.line), { class: "place" }), " ", scenario.difference),
      button("Play it as the lead", () => this.options.onPlay(scenario), { class: "small" }),
      scenario.story && logTable(scenario.story, this.options.onStep),
    );
    details.addEventListener("toggle", () => {
      if (Reflect.get(details, "open")) this.unfolded.add(scenario.name);
      else this.unfolded.delete(scenario.name);
    });
    const state = scenario.passed === null ? "unknown" : scenario.passed ? "passed" : "failed";
    return el("li", { class: state }, details);
  }

  /** @param {All} all @param {number} coverage */
  missing(all, coverage) {
    const gaps = all.missing.map((one) => el("li", {}, `${one.step}: ${one.name}`));
    return el("div.coverage", {},
      el("p", {}, `They take ${Math.round(coverage)} % of the branches${gaps.length ? ". Not taken:" : "."}`),
      gaps.length > 0 && el("ul", {}, ...gaps));
  }
}
