// The workbench: editor on the left, drawing and log on the right, and what leads from one to the other.

import { Refused } from "./api.js";
import { offersAt } from "./completion.js";
import { ask, chooseFile, nameNew } from "./dialogs.js";
import { Document, scenariosOf, versionOf } from "./document.js";
import { button, el } from "./dom.js";
import { Drawing } from "./drawing.js";
import { Editor } from "./editor.js";
import { LeadForm } from "./lead.js";
import { logTable, markRows } from "./log.js";
import { Problems } from "./problems.js";
import { publish } from "./publish.js";
import { scenarioSchema } from "./scenario_schema.js";
import { ScenarioList } from "./scenarios.js";
import { skeleton, withVersion } from "./starter.js";
import { stepAt } from "./steps.js";
import { Tabs } from "./tabs.js";

/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./shapes.js").Project} Project */
/** @typedef {import("./shapes.js").Words} Words */
/** @typedef {import("./shapes.js").Checked} Checked */
/** @typedef {import("./shapes.js").FileTexts} FileTexts */

/** Milliseconds after the last key until the text is checked. */
const TYPING = 250;
const NOTHING = /** @type {Checked} */ ({
  journey: null, version: null, sound: false, problems: [], elsewhere: 0, svg: null, steps: [], work: [], starts: [],
});

export class Workbench {
  /**
   * @param {HTMLElement} place
   * @param {Api} api
   * @param {Project} project
   * @param {Words} words
   * @param {() => void} onLeave
   */
  constructor(place, api, project, words, onLeave) {
    this.api = api;
    this.project = project;
    this.words = words;
    this.checked = NOTHING;
    this.sound = NOTHING;
    this.waiting = 0;
    this.busy = this.again = false;
    this.drawing = new Drawing((line, focus) => this.goTo(line, focus));
    this.problems = new Problems((problem) => this.goToProblem(problem), (problem) => this.ownerOf(problem).editor.fix(problem));
    this.lead = new LeadForm(() => this.soon());
    this.scenarios = new ScenarioList({
      onStep: (line) => this.goTo(line.line, false),
      onLine: (line) => this.goToScenario(line),
      onPlay: (scenario) => this.playAs(scenario),
    });
    this.log = el("div.played", { role: "region", "aria-label": "Log of the lead", tabindex: "0" });
    this.who = el("details.who", {}, el("summary", {}, "The lead"), this.lead.element);
    this.state = el("span.state", { role: "status" });
    this.title = el("strong.opened");
    this.notice = el("div.notice", { role: "status", hidden: true });
    this.saying = el("div.toast", { role: "status", hidden: true });
    this.editors = new Tabs("What you write", { journey: "Journey", scenarios: "Scenarios" }, () => this.focus());
    this.views = new Tabs("What it does", { log: "Log of a lead", scenarios: "Scenarios" }, () => this.check());
    this.journey = new Document(this.editor("journey", "The journey"), "");
    this.tests = new Document(this.editor("scenarios", "Scenarios of the journey"), "");
    this.layout = new Tabs("What is shown", { both: "Both", drawing: "Drawing", log: "Log" }, (shown) => {
      this.right.dataset.shown = shown;
      if (shown !== "log") this.follow(this.journey.editor.line());
    }, false);
    this.views.panels.log.append(this.who, this.log);
    this.views.panels.log.classList.add("playing");
    this.views.panels.scenarios.append(this.scenarios.element);
    this.right = el("section.right", { "data-shown": "both" }, this.drawing.element,
      el("section.below", {}, this.views.bar, ...Object.values(this.views.panels)));
    place.replaceChildren(this.header(onLeave),
      this.columns = el("div.columns.nothing", {},
        el("section.left", {}, this.blank(), this.editors.bar, this.notice, ...Object.values(this.editors.panels), this.problems.element),
        this.right),
      this.saying);
    document.addEventListener("keydown", (event) => this.pressed(event));
    window.addEventListener("beforeunload", (event) => this.unsaved() && event.preventDefault());
  }

  /** @param {() => void} onLeave */
  header(onLeave) {
    const write = { disabled: !this.project.may_write };
    return el("header", {},
      el("h1", {}, "Studio"),
      button("Open…", () => this.choose()),
      button("New…", () => this.create()),
      this.title, this.state,
      el("span.space"),
      this.layout.bar,
      button("Save draft", () => this.save(), { ...write, title: "Ctrl+S" }),
      this.more(onLeave),
      button("Publish…", () => this.publish(), { class: "primary" }),
    );
  }

  /** @param {() => void} onLeave */
  more(onLeave) {
    const items = [
      button("Download the files", () => this.download()),
      button("Back to the file on disk", () => this.revert(), { disabled: !this.project.may_write }),
      el("a", { href: "studio/guides/language", target: "_blank", rel: "noopener" }, "The language"),
      el("a", { href: "studio/guides/studio", target: "_blank", rel: "noopener" }, "How Studio works"),
      button(`Leave (${this.project.owner})`, onLeave),
    ];
    const menu = /** @type {HTMLDetailsElement} */ (el("details.menu", {}, el("summary", {}, "More"), el("div", {}, ...items)));
    menu.addEventListener("click", (event) => {
      if (/** @type {Element} */ (event.target).closest("button, a")) menu.open = false;
    });
    document.addEventListener("click", (event) => {
      if (!menu.contains(/** @type {Node} */ (event.target))) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary")?.focus();
    });
    return menu;
  }

  /**
   * @param {"journey" | "scenarios"} which
   * @param {string} label
   */
  editor(which, label) {
    return new Editor({
      parent: this.editors.panels[which],
      label,
      offers: (text, position) => offersAt(this.words, this.schema(which), text, position),
      onChange: () => this.soon(),
      onCursor: (line) => which === "journey" && this.follow(line),
    });
  }

  /** @param {"journey" | "scenarios"} which */
  schema(which) {
    if (which === "journey") return this.words.json_schema;
    return scenarioSchema(this.words, this.sound.work, this.checked.journey ?? "");
  }

  async begin() {
    const first = this.project.files.find((one) => one.draft) ?? this.project.files[0];
    if (first) await this.open(first.file);
    else this.drawing.show(null, false);
  }

  /** What stands in the editor's place as long as there is no journey. */
  blank() {
    return el("div.blank", {},
      el("h2", {}, "There is no journey yet"),
      el("p", {}, `Begin one here; it is kept as a draft until you publish it. Files in ${this.project.folder} are found too.`),
      button("A new journey…", () => this.create(), { class: "primary" }));
  }

  /** @param {string} file */
  async open(file) {
    const found = /** @type {FileTexts} */ (await this.api.call("GET", `document?file=${encodeURIComponent(file)}`));
    this.fresh(file);
    this.journey.show(found);
    this.tests.show(await this.testsOf(file));
    this.tell(this.journey.notice);
    await this.check();
  }

  /**
   * @param {string} file
   * @returns {Promise<FileTexts>}
   */
  async testsOf(file) {
    const name = scenariosOf(file);
    try {
      return await this.api.call("GET", `document?file=${encodeURIComponent(name)}`);
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "unknown_file") throw error;
      return {
        file: name, text: null, base: "", draft: null, draft_text: null, draft_base: null, others: [],
        published: null, published_text: null,
      };
    }
  }

  /** @param {string} file */
  fresh(file) {
    this.journey = new Document(this.journey.editor, file);
    this.tests = new Document(this.tests.editor, scenariosOf(file));
    this.columns.classList.remove("nothing");
    this.title.textContent = file;
    this.checked = this.sound = NOTHING;
    this.drawing.clear();
    this.log.replaceChildren();
    this.editors.choose("journey");
    this.tell("");
  }

  async choose() {
    if (!(await this.mayLose())) return;
    await this.trying(async () => {
      this.project = await this.api.call("GET", "project");
      const file = await chooseFile(this.project);
      if (file) await this.open(file);
    });
  }

  async create() {
    if (!(await this.mayLose())) return;
    const name = await nameNew(this.project.files.map((one) => one.file));
    if (!name) return;
    this.fresh(`${name}.yaml`);
    this.journey.begin(skeleton(name, this.words));
    this.tests.begin("");
    await this.check();
    this.focus();
  }

  unsaved() {
    return this.journey.unsaved || this.tests.unsaved;
  }

  async mayLose() {
    if (!this.unsaved()) return true;
    const answer = await ask("Changes are not saved", "What you wrote since the last save would be lost.", { save: "Save draft", lose: "Lose them" });
    return answer === "lose" || (answer === "save" && (await this.save()));
  }

  sent() {
    const tests = this.tests.text();
    const texts = { [this.journey.file]: this.journey.text(), ...(tests.trim() ? { [this.tests.file]: tests } : {}) };
    return { file: this.journey.file, texts };
  }

  /** Checks a moment after the last change. */
  soon() {
    this.state.textContent = this.unsaved() ? "not saved" : this.journey.state;
    window.clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.check(), TYPING);
  }

  /** Checks and plays what is written now: one question at a time, and none about a text that changed since. */
  async check() {
    if (!this.journey.file) return;
    window.clearTimeout(this.waiting);
    this.again = this.busy;
    if (this.busy) return;
    this.busy = true;
    try {
      do {
        this.again = false;
        await this.ask();
      } while (this.again);
    } finally {
      this.busy = false;
    }
  }

  async ask() {
    try {
      const checked = /** @type {Checked} */ (await this.api.call("POST", "check", this.sent()));
      if (this.again) return;
      this.found(checked);
      await (this.views.chosen === "log" ? this.play() : this.tryOut());
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.problems.say(error.message);
    }
  }

  /** @param {Checked} checked */
  found(checked) {
    this.checked = checked;
    if (checked.sound) this.sound = checked;
    this.journey.editor.show(checked.problems.filter((one) => one.file === this.journey.file));
    this.tests.editor.show(checked.problems.filter((one) => one.file === this.tests.file));
    this.problems.show(checked.problems, checked.elsewhere);
    this.drawing.show(checked.svg, checked.sound);
    this.lead.know(this.words, this.sound);
    this.state.textContent = this.unsaved() ? "not saved" : this.journey.state;
    this.follow(this.journey.editor.line());
  }

  async play() {
    if (!this.checked.sound) {
      this.log.classList.add("old");
      if (!this.log.hasChildNodes()) this.log.replaceChildren(el("p.empty", {}, "The log is written here as soon as the journey has no mistakes."));
      return;
    }
    const lead = this.lead.value();
    const played = /** @type {import("./shapes.js").Played} */ (await this.api.call("POST", "simulate", { ...this.sent(), ...lead }));
    if (this.again) return;
    this.lead.complain(played.faults);
    this.log.classList.toggle("old", played.story === null);
    if (played.faults.length) this.who.setAttribute("open", "");
    if (played.story) this.log.replaceChildren(logTable(played.story, (line) => this.goTo(line.line, false)));
    this.follow(this.journey.editor.line(), false);
  }

  async tryOut() {
    const tried = /** @type {import("./shapes.js").Scenarios} */ (await this.api.call("POST", "scenarios", this.sent()));
    if (this.again) return;
    this.scenarios.show(tried);
    this.follow(this.journey.editor.line(), false);
  }

  /** @param {import("./shapes.js").Scenario} scenario */
  playAs(scenario) {
    this.lead.show(scenario);
    this.views.choose("log");
    this.check();
  }

  /** Marks in drawing and log the step that a line belongs to. @param {number} line @param {boolean} [bring] */
  follow(line, bring = true) {
    const step = stepAt(this.journey.text(), this.checked.steps, line);
    this.drawing.mark(step?.step ?? "", bring);
    markRows(this.right, step?.line ?? 0);
  }

  /** @param {number} line @param {boolean} focus */
  goTo(line, focus) {
    if (!line) return;
    this.editors.choose("journey");
    this.journey.editor.goTo(line, focus);
  }

  /** @param {number} line */
  goToScenario(line) {
    this.editors.choose("scenarios");
    this.tests.editor.goTo(line, true);
  }

  /** The file that a mistake is in. @param {import("./shapes.js").Problem} problem */
  ownerOf(problem) {
    return problem.file === this.tests.file ? this.tests : this.journey;
  }

  /** @param {import("./shapes.js").Problem} problem */
  goToProblem(problem) {
    if (problem.file === this.tests.file) this.goToScenario(problem.line);
    else this.goTo(problem.line, true);
  }

  focus() {
    const shown = this.editors.chosen === "scenarios" ? this.tests : this.journey;
    shown?.editor.view.requestMeasure();
    shown?.editor.view.focus();
  }

  /** Keeps both texts as drafts; gives whether they are. */
  async save() {
    if (!this.journey.file) return false;
    for (const one of [this.journey, this.tests]) {
      const nothing = one.read === 0 && !one.text().trim();
      if ((!one.unsaved || nothing) && one !== this.journey) continue;
      if (!(await this.trying(() => this.keep(one)))) return false;
    }
    this.state.textContent = this.journey.state;
    this.say("The draft is saved.");
    return true;
  }

  /** @param {Document} one */
  async keep(one) {
    try {
      await one.save(this.api);
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "draft_conflict") throw error;
      const now = /** @type {FileTexts} */ (await this.api.call("GET", `document?file=${encodeURIComponent(one.file)}`).catch(() => null));
      const answer = await ask("The draft changed elsewhere", `${error.message} Which text shall stay?`, { mine: "Keep my text", theirs: "Take the other" });
      if (answer === "mine") await one.save(this.api, now?.draft?.revision ?? 0);
      else if (answer === "theirs" && now) one.show(now);
      else throw new Refused(409, "draft_conflict", "The draft is not saved.");
    }
  }

  async revert() {
    const answer = await ask("Back to the file on disk?", "Your draft of this journey and its scenarios is dropped.", { yes: "Drop the draft" });
    if (!answer) return;
    await this.trying(async () => {
      for (const one of [this.journey, this.tests]) await one.drop(this.api);
      await this.open(this.journey.file);
    });
  }

  publish() {
    if (!this.journey.file) return;
    publish({
      api: this.api,
      sent: () => this.sent(),
      mayWrite: this.project.may_write,
      onVersion: (version) => this.journey.editor.replace(withVersion(this.journey.text(), version)),
      onDone: (plan) => {
        this.journey.read = 0;
        this.journey.saved = this.journey.text();
        const behind = versionOf(this.journey.disk) !== plan.version;
        this.say(`${plan.journey} ${plan.version} is published. New leads get it from now on.`);
        this.tell(behind ? `Version ${plan.version} is published; the file on disk is still ${this.journey.disk === null ? "missing" : "older"}. Download the files and put them into ${this.project.folder}.` : "");
        this.state.textContent = `published as version ${plan.version}`;
      },
    });
  }

  download() {
    for (const [file, text] of Object.entries(this.sent().texts)) {
      const href = URL.createObjectURL(new Blob([text], { type: "text/yaml" }));
      el("a", { href, download: file.split("/").pop() }).click();
      URL.revokeObjectURL(href);
    }
  }

  /**
   * Does something that may be refused, and says why; gives whether it was done.
   * @param {() => Promise<void>} work
   */
  async trying(work) {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.say(error.message, true);
      return false;
    }
  }

  /** Says something for a moment. @param {string} text @param {boolean} [bad] */
  say(text, bad = false) {
    this.saying.textContent = text;
    this.saying.classList.toggle("bad", bad);
    this.saying.hidden = false;
    window.clearTimeout(this.hiding);
    this.hiding = window.setTimeout(() => { this.saying.hidden = true; }, 6000);
  }

  /** Says something above the editor until another journey is opened. @param {string} text */
  tell(text) {
    this.notice.hidden = !text;
    this.notice.replaceChildren(text, " ", button("×", () => { this.notice.hidden = true; }, { class: "remove", "aria-label": "Close this note" }));
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    if (this.project.may_write) this.save();
  }
}
