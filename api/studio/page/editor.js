// The editor: CodeMirror with YAML, what is offered while typing, squiggles, and one marked step.

import {
  Decoration, EditorState, EditorView, HighlightStyle, StateEffect, StateField, autocompletion, bracketMatching,
  closeBrackets, closeBracketsKeymap, completionKeymap, defaultKeymap, drawSelection, foldGutter, foldKeymap,
  highlightActiveLine, highlightActiveLineGutter, highlightSelectionMatches, highlightSpecialChars, history,
  historyKeymap, indentOnInput, indentUnit, indentWithTab, keymap, lineNumbers, lintGutter, lintKeymap, search,
  searchKeymap, setDiagnostics, syntaxHighlighting, tags, yaml,
} from "./codemirror.js";
import { el } from "./dom.js";

/** @typedef {import("./shapes.js").Problem} Problem */
/** @typedef {import("./conditions.js").Offers} Offers */

const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "#0b4f8a", fontWeight: "600" },
  { tag: [tags.string, tags.content], color: "#1c2430" },
  { tag: [tags.comment, tags.lineComment], color: "#5a6675", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: "#5a6675" },
  { tag: [tags.number, tags.bool, tags.keyword], color: "#7b3f98" },
]);
const MEANT = /^(?:did you mean|write) `([\w.]+)`\??$/;

/** @type {import("@codemirror/state").StateEffectType<number>} */
const markLine = StateEffect.define();
const marked = StateField.define({
  create: () => Decoration.none,
  update(marks, change) {
    let now = marks.map(change.changes);
    for (const effect of change.effects) {
      if (!effect.is(markLine)) continue;
      const line = Math.min(effect.value, change.state.doc.lines);
      now = line ? Decoration.set([Decoration.line({ class: "marked" }).range(change.state.doc.line(line).from)]) : Decoration.none;
    }
    return now;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export class Editor {
  /**
   * @param {object} options
   * @param {HTMLElement} options.parent
   * @param {string} options.label
   * @param {(text: string, position: number) => Offers} options.offers
   * @param {() => void} options.onChange
   * @param {(line: number) => void} options.onCursor
   */
  constructor({ parent, label, offers, onChange, onCursor }) {
    const nonce = document.querySelector('meta[name="style-nonce"]')?.getAttribute("content") ?? "";
    this.extensions = [
      EditorView.cspNonce.of(nonce),
      lineNumbers(), foldGutter(), lintGutter(), history(), drawSelection(), highlightSpecialChars(), indentOnInput(),
      highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(), bracketMatching(), closeBrackets(),
      search({ top: true }), indentUnit.of("  "), EditorState.tabSize.of(2), EditorView.lineWrapping,
      yaml(), syntaxHighlighting(COLOURS), marked,
      autocompletion({ override: [(context) => completions(context, offers)], icons: false }),
      keymap.of([
        ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap,
        ...lintKeymap, indentWithTab,
      ]),
      EditorView.contentAttributes.of({ "aria-label": label }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) onChange();
        if (update.docChanged || update.selectionSet) onCursor(this.line());
      }),
    ];
    this.view = new EditorView({ parent, state: this.fresh("") });
  }

  /** @param {string} text */
  fresh(text) {
    return EditorState.create({ doc: text, extensions: this.extensions });
  }

  text() {
    return this.view.state.doc.toString();
  }

  /** Shows another text, with nothing to undo. @param {string} text */
  open(text) {
    this.view.setState(this.fresh(text));
  }

  /** Changes the text as if it were typed. @param {string} text */
  replace(text) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  line() {
    return this.view.state.doc.lineAt(this.view.state.selection.main.head).number;
  }

  /** Marks a line and goes there; 0 unmarks. @param {number} line @param {boolean} [focus] */
  goTo(line, focus = false) {
    const { doc } = this.view.state;
    const effects = [markLine.of(line)];
    if (line > 0) {
      const at = doc.line(Math.min(line, doc.lines));
      const column = at.text.length - at.text.trimStart().length;
      this.view.dispatch({
        selection: { anchor: at.from + column },
        effects: [...effects, EditorView.scrollIntoView(at.from, { y: "center" })],
      });
    } else this.view.dispatch({ effects });
    if (focus) this.view.focus();
  }

  /** @param {Problem[]} problems */
  show(problems) {
    this.view.dispatch(setDiagnostics(this.view.state, problems.map((one) => this.diagnostic(one))));
  }

  /**
   * @param {Problem} problem
   * @returns {import("@codemirror/lint").Diagnostic}
   */
  diagnostic(problem) {
    const { from, to } = this.range(problem);
    const word = meant(problem);
    const fix = word && {
      name: `Write ${word}`,
      apply: (/** @type {EditorView} */ view, /** @type {number} */ at, /** @type {number} */ end) =>
        view.dispatch({ changes: { from: at, to: end, insert: word } }),
    };
    return {
      from, to, severity: problem.hint ? "info" : "error", message: problem.message,
      renderMessage: () => explained(problem), actions: fix ? [fix] : [],
    };
  }

  /** Writes what was most likely meant. @param {Problem} problem */
  fix(problem) {
    this.view.dispatch({ changes: { ...this.range(problem), insert: meant(problem) } });
    this.view.focus();
  }

  /** From where a mistake is to the end of its word. @param {Problem} problem */
  range(problem) {
    const { doc } = this.view.state;
    const line = doc.line(Math.min(Math.max(problem.line, 1), doc.lines));
    const column = Math.min([...line.text].slice(0, problem.column - 1).join("").length, line.length);
    const word = /^(?:[\w.@-]+|"[^"]*"|\S+)/.exec(line.text.slice(column))?.[0].length ?? 0;
    const from = word || !line.length ? line.from + column : line.from;
    return { from, to: word ? from + word : line.to };
  }
}

/** The one word to be written in a mistake's place; "" where it takes more. @param {Problem} problem */
export const meant = (problem) => MEANT.exec(problem.suggestion ?? "")?.[1] ?? "";

/**
 * Words a problem: code, message, suggestion, and the link to the page of its code.
 * @param {Problem} problem
 */
export function explained(problem) {
  return el("span.explained", {},
    el("a.code", { href: `studio/guides/checks#${problem.code}`, target: "_blank", rel: "noopener", title: "What this means" },
      problem.code),
    " ", problem.message,
    problem.suggestion && el("span.suggestion", {}, problem.suggestion),
  );
}

/**
 * @param {import("@codemirror/autocomplete").CompletionContext} context
 * @param {(text: string, position: number) => Offers} offers
 */
function completions(context, offers) {
  const found = offers(context.state.doc.toString(), context.pos);
  if (!found || !found.offers.length) return null;
  const typed = context.state.sliceDoc(found.from, context.pos);
  if (!context.explicit && !typed && !/[:\s-]$/.test(context.state.sliceDoc(0, context.pos))) return null;
  if (!context.explicit && !typed && found.offers.length > 60) return null;
  return {
    from: found.from,
    options: found.offers.map(({ kind, ...offer }) => ({ ...offer, type: kind })),
    validFor: /^[\w .:"'-]*$/,
  };
}
