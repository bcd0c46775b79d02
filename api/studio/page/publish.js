// Publishing: what changes and for whom is shown first; what `check` refuses is refused.

import { Refused } from "./api.js";
import { button, counted, el } from "./dom.js";
import { dialog } from "./dialogs.js";
import { explained } from "./editor.js";
import { inScenarios } from "./problems.js";

/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./shapes.js").Plan} Plan */
/** @typedef {{ file: string, texts: Record<string, string> }} Sent */

/**
 * Shows what publishing would do, and does it if it is wanted.
 * @param {object} options
 * @param {Api} options.api
 * @param {() => Sent} options.sent
 * @param {boolean} options.mayWrite
 * @param {(version: number) => void} options.onVersion  Writes another version number into the text.
 * @param {(plan: Plan) => void} options.onDone
 */
export function publish({ api, sent, mayWrite, onVersion, onDone }) {
  const body = el("div.plan", { role: "status" }, el("p", {}, "Looking at what would change…"));
  const go = button("Publish", carryOut, { class: "primary", disabled: true });
  const made = dialog("Publish", body, el("div.actions", {}, go, button("Cancel", () => made.close())));
  /** @type {Plan | null} */
  let plan = null;

  async function look() {
    plan = /** @type {Plan} */ (await api.call("POST", "publish:preview", sent()));
    go.disabled = plan.state !== "published" || !mayWrite;
    go.hidden = plan.state !== "published";
    body.replaceChildren(...planned(plan, mayWrite, (version) => {
      onVersion(version);
      look().catch(fail);
    }));
    if (!go.disabled) go.focus();
  }

  async function carryOut() {
    go.disabled = true;
    try {
      const done = /** @type {Plan} */ (await api.call("POST", "publish", { ...sent(), before: plan?.before ?? null }));
      made.close();
      onDone(done);
    } catch (error) {
      fail(error);
      if (error instanceof Refused && error.code === "published_meanwhile") await look().catch(fail);
    }
  }

  /** @param {unknown} error */
  function fail(error) {
    body.prepend(el("p.fault", { role: "alert" }, error instanceof Error ? error.message : String(error)));
  }

  look().catch(fail);
}

/**
 * @param {Plan} plan
 * @param {boolean} mayWrite
 * @param {(version: number) => void} onVersion
 */
function planned(plan, mayWrite, onVersion) {
  if (plan.state === "unchanged") {
    return [el("p", {}, `This is published already, as version ${plan.version}. Nothing has to be done.`)];
  }
  if (plan.state === "refused") return refused(plan, onVersion);
  return [
    el("p.lead-in", {}, plan.before === null
      ? `${plan.journey} is published for the first time, as version ${plan.version}.`
      : `${plan.journey} ${plan.before} → ${plan.version}. Who enters from now on gets version ${plan.version}.`),
    plan.before !== null && changes(plan),
    plan.before !== null && el("p.inside", {}, inside(plan)),
    ...plan.warnings.map((one) => el("p.warning", {}, one)),
    !mayWrite && el("p.fault", {}, "Your key lacks the scope journeys:write, so you cannot publish."),
  ].filter((one) => one instanceof Node);
}

/** @param {Plan} plan */
function changes(plan) {
  const found = plan.changes.length ? plan.changes : ["nothing that a lead would notice"];
  return el("ul.changes", {}, ...found.map((one) => el("li", {}, one)));
}

/** @param {Plan} plan */
function inside(plan) {
  const parts = Object.entries(plan.stay).map(([version, count]) => `${counted(count, "run")} in version ${version}`);
  return parts.length ? `Inside now: ${parts.join(", ")}. They stay there and go on as they began.` : "Nobody is inside an earlier version.";
}

/**
 * @param {Plan} plan
 * @param {(version: number) => void} onVersion
 */
function refused(plan, onVersion) {
  const byVersion = plan.version !== null && plan.problems.length === 0;
  const own = plan.problems.filter((one) => !inScenarios(one));
  const items = (own.length ? own : plan.problems).map((one) => el("li", {}, el("span.place", {}, `${one.file}, line ${one.line} `), explained(one)));
  return [
    el("p.fault", {}, `It cannot be published: ${plan.reason}.`),
    items.length ? el("ul.changes", {}, ...items) : el("span"),
    byVersion ? changes(plan) : el("span"),
    byVersion ? button(`Make it version ${plan.free}`, () => onVersion(plan.free), { class: "primary" }) : el("span"),
  ];
}
