// A file that is open: its text on disk, its draft, and what was saved last.

import { clock } from "./dom.js";

/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./editor.js").Editor} Editor */
/** @typedef {import("./shapes.js").FileTexts} FileTexts */

/** @param {string} file */
export const scenariosOf = (file) => file.replace(/\.ya?ml$/, ".test.yaml");

/** @param {string | null} text */
export const versionOf = (text) => Number(/^version:\s*(\d+)/m.exec(text ?? "")?.[1] ?? 0);

export class Document {
  /**
   * @param {Editor} editor
   * @param {string} file
   */
  constructor(editor, file) {
    this.editor = editor;
    this.file = file;
    this.base = "";
    this.read = 0;
    this.saved = "";
    this.savedAt = "";
    /** @type {string | null} */
    this.disk = null;
    /** What the reader should know about the text that is shown. @type {string} */
    this.notice = "";
  }

  /** Shows a new text that stands nowhere yet. @param {string} text */
  begin(text) {
    this.editor.open(text);
    this.saved = "";
  }

  /** @param {FileTexts} found */
  show(found) {
    this.disk = found.text;
    this.base = found.base;
    this.read = found.draft?.revision ?? 0;
    this.savedAt = found.draft?.saved_at ?? "";
    const newer = found.published !== null && found.published > versionOf(found.text);
    const text = found.draft_text ?? (newer ? found.published_text : found.text) ?? "";
    this.notice = noticeOf(found, newer);
    this.saved = text;
    this.editor.open(text);
  }

  text() {
    return this.editor.text();
  }

  get unsaved() {
    return this.text() !== this.saved;
  }

  get state() {
    if (this.unsaved) return "not saved";
    if (this.read) return `draft, saved ${clock(this.savedAt)}`;
    return this.disk !== null && this.text() === this.disk ? "as on disk" : this.disk === null ? "new" : "as published";
  }

  /** Keeps the text as a draft; raises Refused. @param {Api} api @param {number} [over] The revision to replace. */
  async save(api, over = this.read) {
    const text = this.text();
    const kept = await api.call("PUT", "draft", { file: this.file, text, read: over, base: this.base });
    this.read = kept.revision;
    this.savedAt = kept.saved_at;
    this.saved = text;
  }

  /** Forgets the draft; raises Refused. @param {Api} api */
  async drop(api) {
    if (this.read) await api.call("POST", "draft:drop", { file: this.file, read: this.read });
    this.read = 0;
  }
}

/**
 * @param {FileTexts} found
 * @param {boolean} newer
 */
function noticeOf(found, newer) {
  const others = found.others.map((one) => `${one.owner} (${clock(one.saved_at)})`);
  const also = others.length ? ` Others have drafts of it too: ${others.join(", ")}.` : "";
  if (found.draft && found.draft_base !== found.base) {
    return `The file on disk changed since this draft began.${also}`;
  }
  if (newer && !found.draft && found.text !== null) {
    return `Version ${found.published} is published and newer than the file on disk. This is the published text.${also}`;
  }
  if (newer && !found.draft) return `There is no file on disk: this is the published text.${also}`;
  return also.trim();
}
