// The list of mistakes below the editor, in the words of `cauce check`.

import { counted, el } from "./dom.js";
import { explained } from "./editor.js";

/** @typedef {import("./shapes.js").Problem} Problem */

export class Problems {
  /** @param {(problem: Problem) => void} onChoose */
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.summary = el("h2", { role: "status" });
    this.list = el("ol");
    this.element = el("section.problems", { "aria-label": "Mistakes" }, this.summary, this.list);
  }

  /**
   * @param {Problem[]} problems
   * @param {number} elsewhere  Mistakes in files that every journey rests on.
   */
  show(problems, elsewhere) {
    const hints = problems.filter((one) => one.hint).length;
    const mistakes = problems.length - hints;
    const parts = [mistakes ? counted(mistakes, "mistake") : "No mistakes"];
    if (hints) parts.push(counted(hints, "hint"));
    if (elsewhere) parts.push(`${counted(elsewhere, "mistake")} in vocabulary, templates or scoring`);
    this.summary.textContent = parts.join(", ");
    this.element.classList.toggle("bad", mistakes > 0);
    this.list.replaceChildren(...problems.map((one) => this.item(one)));
  }

  /** @param {string} text */
  say(text) {
    this.summary.textContent = text;
  }

  /** @param {Problem} problem */
  item(problem) {
    const place = problem.file.includes(".test.") ? `scenarios, line ${problem.line}` : `line ${problem.line}`;
    const go = el("button.place", { type: "button", onclick: () => this.onChoose(problem) }, place);
    return el(problem.hint ? "li.hint" : "li", {}, go, explained(problem));
  }
}
