// The day-by-day log of a lead: a row a line, each leading to its step.

import { button, el } from "./dom.js";

/** @typedef {import("./shapes.js").Story} Story */
/** @typedef {import("./shapes.js").LogLine} LogLine */

/** What a kind is called where its own name says too little. */
const NAMES = {
  entered: "enters", branch: "decides", timeout: "time over", waiting: "waits", held: "holds back", skipped: "skips",
  event: "hears", change: "changes", exit: "leaves",
  missing: "note", needs_attention: "stops",
};
const QUIET = new Set(["branch", "waiting", "entered"]);

/**
 * Draws a story as a table.
 * @param {Story} story
 * @param {(line: LogLine) => void} onChoose
 */
export function logTable(story, onChoose) {
  let day = -1;
  const rows = story.log.map((line) => {
    const first = line.day !== day;
    day = line.day;
    return row(line, first, onChoose);
  });
  return el("div.story", {},
    el("table.log", {}, el("caption.hidden", {}, "What happens, day by day"), el("tbody", {}, ...rows)),
    el("p.ending", {}, ending(story)),
  );
}

/** @param {Story} story */
function ending(story) {
  if (story.refused !== null) return `This lead does not enter: ${story.refused}.`;
  if (story.ending === null) return "The run goes on: nothing more happens by itself. Add an event to see what follows.";
  return `It ends as ${story.ending}. Times are those of ${story.zone}.`;
}

/**
 * @param {LogLine} line
 * @param {boolean} first  Whether a new day begins.
 * @param {(line: LogLine) => void} onChoose
 */
function row(line, first, onChoose) {
  const waits = line.kind === "waiting";
  const said = waits ? line.text.replace(/^waits /, "") : line.text;
  const kind = waits && said === line.text ? "" : (Reflect.get(NAMES, line.kind) ?? line.kind.replaceAll("_", " "));
  const text = line.line ? button(said, () => {}, { class: "step", title: `line ${line.line}` }) : said;
  const named = line.step && line.step !== line.text && !line.step.startsWith("the ") ? line.step : "";
  const made = el("tr", { "data-kind": line.kind, "data-line": line.line },
    el("th", { scope: "row" }, first ? `day ${line.day}` : ""),
    el("td.when", {}, first ? el("span.date", {}, date(line.at)) : "", el("time", { datetime: line.at }, line.at.slice(11, 16))),
    el("td.kind", {}, kind),
    el("td.what", {}, text, named && el("span.named", {}, named), line.reason && el("span.reason", {}, line.reason)),
  );
  made.classList.toggle("day", first);
  made.classList.toggle("quiet", QUIET.has(line.kind));
  if (line.line) {
    made.addEventListener("click", () => onChoose(line));
    made.classList.add("leads");
  }
  return made;
}

/** The date as it is in the run's zone, whatever this machine's. @param {string} at */
function date(at) {
  const [year, month, day] = at.slice(0, 10).split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, day))
    .toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
}

/**
 * Marks the rows of the step that stands in a line.
 * @param {ParentNode} place
 * @param {number} line
 */
export function markRows(place, line) {
  for (const one of place.querySelectorAll("tr[data-line]")) {
    one.classList.toggle("here", line > 0 && one.getAttribute("data-line") === String(line));
  }
}
