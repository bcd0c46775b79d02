// The drawing: the house's own SVG, its boxes to be chosen with mouse or keyboard, one of them marked.

import { button, el } from "./dom.js";

const SIZES = [0.25, 0.35, 0.5, 0.65, 0.8, 1, 1.25, 1.6, 2];

/** The smallest size at which a new drawing is shown; Fit may go below. */
const READABLE = 0.75;

const SOON = "The journey is drawn here as soon as it has no mistakes.";
const BEFORE = "This is how it was before the mistakes. It is drawn again once they are gone.";
const TOO_LARGE = "The journey is too large to be drawn while you type; `cauce show` draws it.";

export class Drawing {
  /** @param {(line: number, focus: boolean) => void} onChoose  A box was chosen; `focus`: to write there. */
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.size = 0;
    this.text = "";
    this.step = "";
    /** @type {SVGSVGElement | null} */
    this.svg = null;
    this.notice = el("p.notice", { role: "status", hidden: true });
    this.canvas = el("div.canvas", { tabindex: "0", "aria-label": "Drawing" });
    const tools = el("div.tools", { role: "toolbar", "aria-label": "Size of the drawing" },
      button("−", () => this.zoom(-1), { title: "Smaller", "aria-label": "Smaller" }),
      button("Fit", () => this.fit(), { title: "As wide as there is room" }),
      button("+", () => this.zoom(1), { title: "Larger", "aria-label": "Larger" }),
    );
    this.element = el("section.drawing", { "aria-label": "Drawing" }, tools, this.notice, this.canvas);
    this.canvas.addEventListener("click", (event) => this.clicked(event));
    this.canvas.addEventListener("keydown", (event) => this.pressed(event));
  }

  /**
   * Shows a drawing, or without one keeps the last and says why.
   * @param {string | null} text
   * @param {boolean} sound  Whether the journey has no mistake.
   */
  show(text, sound) {
    this.canvas.classList.toggle("old", text === null);
    this.notice.hidden = text !== null;
    if (text === null) {
      this.notice.textContent = sound ? TOO_LARGE : this.svg ? BEFORE : SOON;
      return;
    }
    if (text === this.text) return;
    const first = this.svg === null;
    this.text = text;
    this.svg = read(text);
    this.canvas.replaceChildren(this.svg);
    this.boxes().forEach((box, index) => prepare(box, index === 0));
    if (first) this.begin();
    else this.resize();
    this.mark(this.step, false);
  }

  /** Forgets the drawing of another journey. */
  clear() {
    this.svg = null;
    this.text = this.step = "";
    this.canvas.replaceChildren();
  }

  boxes() {
    return /** @type {SVGGElement[]} */ ([...(this.svg?.querySelectorAll("g[data-line]") ?? [])]);
  }

  /**
   * Marks the boxes of a step.
   * @param {string} step
   * @param {boolean} [show]  Whether to bring it into view.
   */
  mark(step, show = true) {
    this.step = step;
    const found = this.boxes().filter((box) => {
      const here = step !== "" && box.dataset.step === step;
      box.classList.toggle("here", here);
      return here;
    });
    if (show && found.length) this.bring(found[0]);
  }

  /** Scrolls the canvas, and nothing around it. @param {SVGGElement} box */
  bring(box) {
    const there = box.getBoundingClientRect();
    const here = this.canvas.getBoundingClientRect();
    const away = (/** @type {number} */ low, /** @type {number} */ high, /** @type {number} */ from, /** @type {number} */ to) =>
      low < from || high > to ? (low + high - from - to) / 2 : 0;
    this.canvas.scrollBy({
      left: away(there.left, there.right, here.left, here.right),
      top: away(there.top, there.bottom, here.top, here.bottom),
    });
  }

  /** Shows the top of a new drawing, with its first box. */
  begin() {
    this.fit(READABLE);
    const box = this.boxes()[0]?.getBoundingClientRect();
    const here = this.canvas.getBoundingClientRect();
    const away = box ? (box.left + box.right - here.left - here.right) / 2 : 0;
    this.canvas.scrollTo({ left: this.canvas.scrollLeft + away, top: 0, behavior: "instant" });
  }

  /** Makes it as wide as there is room. @param {number} [least] */
  fit(least = SIZES[0]) {
    const width = this.svg?.viewBox.baseVal.width ?? 0;
    const room = this.canvas.clientWidth - 4;
    this.size = width && room > 0 ? Math.min(1, Math.max(room / width, least)) : 1;
    this.resize();
  }

  /** @param {number} way */
  zoom(way) {
    const larger = SIZES.find((one) => one > this.size + 0.01);
    const smaller = SIZES.findLast((one) => one < this.size - 0.01);
    this.size = (way > 0 ? larger : smaller) ?? this.size;
    this.resize();
  }

  resize() {
    if (!this.svg || !this.size) return;
    const { width, height } = this.svg.viewBox.baseVal;
    this.svg.setAttribute("width", String(width * this.size));
    this.svg.setAttribute("height", String(height * this.size));
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const target = /** @type {Element} */ (event.target);
    if (target.closest("a")) event.preventDefault();
    const box = /** @type {SVGGElement | null} */ (target.closest("g[data-line]"));
    if (box) this.onChoose(Number(box.dataset.line), event.detail > 1);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const boxes = this.boxes();
    const now = boxes.indexOf(/** @type {SVGGElement} */ (document.activeElement));
    if (now < 0) return;
    const moves = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
    const move = /** @type {number | undefined} */ (Reflect.get(moves, event.key));
    const next = move ? boxes[now + move] : undefined;
    if (next) {
      boxes[now].setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      this.onChoose(Number(boxes[now].dataset.line), event.key === "Enter");
    } else return;
    event.preventDefault();
  }
}

/** @param {string} text */
function read(text) {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
  const root = /** @type {unknown} */ (document.importNode(parsed.documentElement, true));
  return /** @type {SVGSVGElement} */ (root);
}

/**
 * @param {SVGGElement} box
 * @param {boolean} first
 */
function prepare(box, first) {
  const words = [...box.querySelectorAll("text")].map((one) => one.textContent).join(" ");
  box.setAttribute("role", "button");
  box.setAttribute("aria-label", words);
  box.setAttribute("tabindex", first ? "0" : "-1");
}
