// The list of mistakes below the editor, in the words of `cauce check`.

import { button, counted, el } from "./dom.js";
import { explained, meant } from "./editor.js";

/** @typedef {import("./shapes.js").Problem} Problem */

export class Problems {
  /**
   * @param {(problem: Problem) => void} onChoose
   * @param {(problem: Problem) => void} onFix  Writes what was most likely meant.
   */
  constructor(onChoose, onFix) {
    this.onChoose = onChoose;
    this.onFix = onFix;
    this.summary = el("h2", { role: "status" });
    this.list = el("ol");
    this.element = el("section.problems", { "aria-label": "Mistakes" }, this.summary, this.list);
  }

  /**
   * Shows the journey's own mistakes first; those of its scenarios are folded where they may follow from them.
   * @param {Problem[]} problems
   * @param {number} elsewhere  Mistakes in files that every journey rests on.
   */
  show(problems, elsewhere) {
    const [tests, own] = [problems.filter(inScenarios), problems.filter((one) => !inScenarios(one))];
    const mistakes = problems.filter((one) => !one.hint).length;
    const hints = problems.length - mistakes;
    const parts = [mistakes ? counted(mistakes, "mistake") : "No mistakes"];
    if (hints) parts.push(counted(hints, "hint"));
    if (elsewhere) parts.push(`${counted(elsewhere, "mistake")} in vocabulary, templates or scoring`);
    this.summary.textContent = parts.join(", ");
    this.element.classList.toggle("bad", mistakes + elsewhere > 0);
    const following = tests.length > 0 && own.some((one) => !one.hint);
    const items = (following ? own : problems).map((one) => this.item(one));
    this.list.replaceChildren(...items, ...(following ? [this.folded(tests)] : []));
  }

  /** @param {Problem[]} problems */
  folded(problems) {
    const summary = `${counted(problems.length, "mistake")} in the scenarios, which may come from those above`;
    return el("li.folded", {}, el("details", {}, el("summary", {}, summary),
      el("ol", {}, ...problems.map((one) => this.item(one)))));
  }

  /** @param {string} text */
  say(text) {
    this.summary.textContent = text;
  }

  /** @param {Problem} problem */
  item(problem) {
    const place = inScenarios(problem) ? `scenarios, line ${problem.line}` : `line ${problem.line}`;
    const go = el("button.place", { type: "button", onclick: () => this.onChoose(problem) }, place);
    const word = meant(problem);
    const fix = word && button(`Write ${word}`, () => this.onFix(problem), { class: "small" });
    return el(problem.hint ? "li.hint" : "li", {}, go, explained(problem), fix);
  }
}

/** @param {Problem} problem */
export const inScenarios = (problem) => /\.test\.ya?ml$/.test(problem.file);
