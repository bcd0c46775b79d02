// Dialogs: they keep the keyboard inside, and Escape closes them.

import { button, counted, clock, el, input } from "./dom.js";

/** @typedef {import("./shapes.js").Project} Project */
/** @typedef {import("./shapes.js").FileItem} FileItem */
/** @typedef {import("./dom.js").Child} Child */

/**
 * Shows a dialog; it is gone once it is closed.
 * @param {string} title
 * @param {Child[]} children
 */
export function dialog(title, ...children) {
  const made = /** @type {HTMLDialogElement} */ (el("dialog", { "aria-label": title }, el("h2", {}, title), ...children));
  document.body.append(made);
  made.addEventListener("close", () => made.remove());
  made.showModal();
  return made;
}

/**
 * Asks a question with a button for each answer; resolves with what was chosen, "" for none.
 * @param {string} title
 * @param {string} text
 * @param {Record<string, string>} answers  What the buttons say, by answer.
 * @returns {Promise<string>}
 */
export function ask(title, text, answers) {
  return new Promise((resolve) => {
    let chosen = "";
    const buttons = Object.entries(answers).map(([answer, label], index) => button(label, () => {
      chosen = answer;
      made.close();
    }, { class: index ? "" : "primary" }));
    const made = dialog(title, el("p", {}, text), el("div.actions", {}, ...buttons, button("Cancel", () => made.close())));
    made.addEventListener("close", () => resolve(chosen));
  });
}

/**
 * Lists the journeys; resolves with the file to open, null for none.
 * @param {Project} project
 * @returns {Promise<string | null>}
 */
export function chooseFile(project) {
  return new Promise((resolve) => {
    /** @type {string | null} */
    let chosen = null;
    const filter = input({ type: "search", placeholder: "Find a journey", "aria-label": "Find a journey" });
    const rows = project.files.map((one) => ({ one, row: fileRow(one, () => {
      chosen = one.file;
      made.close();
    }) }));
    filter.addEventListener("input", () => {
      const wanted = filter.value.trim().toLowerCase();
      for (const { one, row } of rows) row.hidden = !`${one.journey} ${one.about} ${one.file}`.toLowerCase().includes(wanted);
    });
    const made = dialog("Open a journey",
      project.files.length > 5 && filter,
      rows.length ? el("ul.files", {}, ...rows.map(({ row }) => row)) : el("p.empty", {}, `There is no journey in ${project.folder} yet.`),
      el("div.actions", {}, button("Cancel", () => made.close())));
    made.addEventListener("close", () => resolve(chosen));
  });
}

/**
 * @param {FileItem} one
 * @param {() => void} onChoose
 */
function fileRow(one, onChoose) {
  const marks = [
    one.version !== null && `version ${one.version}`,
    one.published !== null && `published ${one.published}`,
    one.mistakes > 0 && counted(one.mistakes, "mistake"),
    one.draft && `your draft, ${clock(one.draft.saved_at)}`,
    ...one.others.map((other) => `draft of ${other.owner}`),
    !one.on_disk && "no file on disk",
  ].filter(Boolean);
  return el("li", {}, el("button.file", { type: "button", onclick: onChoose },
    el("strong", {}, one.journey), el("span.about", {}, one.about), el("span.marks", {}, marks.join(" · "))));
}

/**
 * Asks for the name of a new journey; resolves with it, null for none.
 * @param {string[]} taken  Files that are there.
 * @returns {Promise<string | null>}
 */
export function nameNew(taken) {
  return new Promise((resolve) => {
    /** @type {string | null} */
    let chosen = null;
    const name = input({ id: "new-name", placeholder: "welcome_back", maxlength: "60", "aria-describedby": "new-fault" });
    const fault = el("p.fault", { id: "new-fault", role: "alert" });
    const form = el("form", {}, el("label", { for: "new-name" }, "Its name, in small letters with underscores"), name, fault,
      el("div.actions", {}, button("Begin", () => {}, { type: "submit", class: "primary" }), button("Cancel", () => made.close())));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const wanted = name.value.trim();
      if (!/^[a-z][a-z0-9_]*$/.test(wanted)) fault.textContent = "Small letters, digits and underscores, beginning with a letter.";
      else if (taken.includes(`${wanted}.yaml`)) fault.textContent = "There is a journey of this name.";
      else {
        chosen = wanted;
        made.close();
      }
    });
    const made = dialog("A new journey", form);
    made.addEventListener("close", () => resolve(chosen));
  });
}
